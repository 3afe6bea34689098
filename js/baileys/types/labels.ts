/** Labels of chats and messages. */
import type { LabelAssociationType } from '../labels.js'

export interface Label {
  id: string
  name: string
  /** A number of `LabelColor`. */
  color: number
  deleted: boolean
  predefinedId?: string | undefined
}
export interface LabelActionBody {
  id: string
  name?: string | undefined
  color?: number | undefined
  deleted?: boolean | undefined
  predefinedId?: number | undefined
}

export type LabelAssociationTypes = `${LabelAssociationType}`
export interface ChatLabelAssociation {
  type: LabelAssociationType.Chat
  chatId: string
  labelId: string
}
export interface MessageLabelAssociation {
  type: LabelAssociationType.Message
  chatId: string
  messageId: string
  labelId: string
}
export type LabelAssociation = ChatLabelAssociation | MessageLabelAssociation
export interface ChatLabelAssociationActionBody {
  labelId: string
}
export interface MessageLabelAssociationActionBody {
  labelId: string
  messageId: string
}

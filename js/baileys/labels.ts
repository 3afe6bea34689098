/** The enums of labels, which Baileys has in its deep paths only. */

export enum LabelAssociationType {
  Chat = 'label_jid',
  Message = 'label_message',
}

export enum LabelColor {
  Color1,
  Color2,
  Color3,
  Color4,
  Color5,
  Color6,
  Color7,
  Color8,
  Color9,
  Color10,
  Color11,
  Color12,
  Color13,
  Color14,
  Color15,
  Color16,
  Color17,
  Color18,
  Color19,
  Color20,
}

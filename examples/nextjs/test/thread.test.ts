import assert from 'node:assert/strict'
import { test } from 'node:test'

import { withConversations } from '@/components/conversations/list'
import { withMessages, withNews, withSent } from '@/components/conversations/thread'
import type { ConversationView, MessageView } from '@/lib/api'

const message = (id: number, status: MessageView['status'] = 'sent'): MessageView => ({
  id,
  whatsappId: `3EB0${id}`,
  conversationId: 'c',
  direction: 'out',
  author: 'operator',
  senderName: null,
  type: 'text',
  text: `${id}`,
  media: null,
  status,
  error: null,
  edited: false,
  timestamp: '2026-01-01T00:00:00.000Z',
})
const ids = (list: { id: unknown }[]) => list.map(({ id }) => id)

test('an older page goes before, and nothing is there twice', () => {
  assert.deepEqual(ids(withMessages([message(3), message(4)], [message(1), message(2), message(3)])), [1, 2, 3, 4])
})

test('news replace what was known, or come at the end', () => {
  const list = [message(1, 'pending'), message(2)]
  assert.equal(withNews(list, message(1, 'read'), false)[0]!.status, 'read')
  assert.deepEqual(ids(withNews(list, message(5), false)), [1, 2, 5])
  assert.deepEqual(ids(withNews([], message(5), false)), [5])
})

test('news of a message that is not loaded leave no gap', () => {
  const list = [message(10), message(11)]
  assert.equal(withNews(list, message(3, 'read'), true), list)
  assert.deepEqual(ids(withNews(list, message(3), false)), [3, 10, 11])
})

test('the answer of sending does not undo what an event has told', () => {
  const list = [message(1, 'delivered')]
  assert.equal(withSent(list, message(1, 'pending')), list)
  assert.deepEqual(ids(withSent(list, message(2, 'pending'))), [1, 2])
})

test('conversations are newest first, each once', () => {
  const conversation = (id: string, lastMessageAt: string) => ({ id, lastMessageAt }) as ConversationView
  const list = [conversation('b', '2026-01-02T00:00:00.000Z'), conversation('a', '2026-01-01T00:00:00.000Z')]
  assert.deepEqual(ids(withConversations(list, [conversation('a', '2026-01-03T00:00:00.000Z')])), ['a', 'b'])
  assert.deepEqual(ids(withConversations(list, [conversation('c', '2026-01-01T00:00:00.000Z')])), ['b', 'c', 'a'])
})

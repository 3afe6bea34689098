'use client'
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from 'react'

import type { MessageView } from '@/lib/api'

import { Empty } from '../Feedback'
import { DownIcon } from '../icons'
import { useLanguage } from '../LanguageProvider'
import { Message } from './Message'

/** This near to the end counts as at the end. */
const NEAR_PX = 48
const LONGEST_ANNOUNCED = 200

interface Props {
  name: string
  messages: MessageView[]
  more: boolean
  loading: boolean
  loadOlder: () => void
  /** Called when messages came while the end is shown. */
  trim: () => void
}

/** Stays at the end while the end is shown, else where the reader is. */
export function MessageList({ name, messages, more, loading, loadOlder, trim }: Props) {
  const {
    texts: { messages: texts },
    formats,
  } = useLanguage()
  const box = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLOListElement>(null)
  const atEnd = useRef(true)
  const before = useRef({ first: 0, last: 0, height: 0 })
  const [missed, setMissed] = useState(0)
  const [announced, setAnnounced] = useState('')
  const first = messages[0]?.id ?? 0
  const last = messages.at(-1)?.id ?? 0

  const toEnd = () => {
    const { current: scroller } = box
    if (scroller) scroller.scrollTop = scroller.scrollHeight
  }
  useLayoutEffect(() => {
    const scroller = box.current!
    const { first: firstBefore, last: lastBefore, height } = before.current
    before.current = { first, last, height: scroller.scrollHeight }
    if (atEnd.current) toEnd()
    else if (first < firstBefore) scroller.scrollTop += scroller.scrollHeight - height
    if (lastBefore === 0 || last === lastBefore) return
    const fresh = messages.filter(({ id }) => id > lastBefore)
    if (atEnd.current || fresh.some(({ author }) => author === 'operator')) {
      atEnd.current = true
      toEnd()
      trim()
    } else setMissed((count) => count + fresh.length)
    const heard = fresh.findLast(({ direction }) => direction === 'in')
    if (heard) setAnnounced(texts.arrived(heard.senderName ?? name, (heard.text || texts.types[heard.type]).slice(0, LONGEST_ANNOUNCED)))
  }, [first, last])

  // Pictures make the list longer when they arrive, the keyboard of a phone makes the box smaller.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd()
    })
    observer.observe(list.current!)
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])

  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX
    before.current.height = scrollHeight
    if (atEnd.current) setMissed(0)
  }

  return (
    <div className="thread">
      <div className="thread-scroll" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label={texts.label}>
        {more && (
          <button
            type="button"
            className="quiet more"
            aria-disabled={loading}
            onClick={() => {
              if (!loading) loadOlder()
            }}
            data-testid="older"
          >
            {texts.older}
          </button>
        )}
        {messages.length === 0 && <Empty title={texts.none} />}
        <ol ref={list} data-testid="messages">
          {messages.map((message, index) => {
            const day = formats.day(message.timestamp)
            const begins = index === 0 || formats.day(messages[index - 1]!.timestamp) !== day
            return (
              <Fragment key={message.id}>
                {begins && (
                  <li className="day">
                    <span>{day}</span>
                  </li>
                )}
                <Message message={message} />
              </Fragment>
            )
          })}
        </ol>
      </div>
      {missed > 0 && (
        <button type="button" className="jump" onClick={toEnd}>
          <DownIcon />
          {texts.jump(missed)}
        </button>
      )}
      <p className="visually-hidden" aria-live="polite">
        {announced}
      </p>
    </div>
  )
}

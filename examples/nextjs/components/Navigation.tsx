'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

import { BagIcon, BellIcon, ChatIcon, PeopleIcon, PhoneIcon, TagIcon } from './icons'
import { useLanguage } from './LanguageProvider'
import { LanguageSwitch } from './LanguageSwitch'
import { SignOutButton } from './SignOutButton'

/** Beside the page where there is room; on a phone the sections are a bar at the bottom. */
export function Navigation({ userName }: { userName: string }) {
  const {
    texts: { appName, navigation: texts },
  } = useLanguage()
  const path = usePathname()
  const link = (href: string, icon: ReactNode, { full, short }: { full: string; short: string }) => {
    const here = href === '/' ? path === '/' : path.startsWith(href)
    return (
      <li>
        <Link href={href} aria-current={here ? 'page' : undefined}>
          {icon}
          <span className="full">{full}</span>
          <span className="short">{short}</span>
        </Link>
      </li>
    )
  }
  return (
    <header className="navigation">
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <p className="brand">{appName}</p>
      <nav aria-label={texts.label}>
        <ul>
          {link('/', <PhoneIcon />, { full: texts.whatsapp, short: texts.whatsapp })}
          {link('/conversations', <ChatIcon />, texts.conversations)}
          {link('/customers', <PeopleIcon />, texts.customers)}
          {link('/products', <TagIcon />, texts.products)}
          {link('/orders', <BagIcon />, texts.orders)}
          {link('/notifications', <BellIcon />, texts.notifications)}
        </ul>
      </nav>
      <div className="account">
        <p className="user" dir="auto">
          {userName}
        </p>
        <LanguageSwitch />
        <SignOutButton />
      </div>
    </header>
  )
}

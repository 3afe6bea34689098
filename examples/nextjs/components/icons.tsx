// Drawings of 24 x 24, as wide as the text around them. What they mean stands beside them in words.
import type { ReactNode } from 'react'

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  )
}

export const PhoneIcon = () => <Icon><rect x="6.5" y="2.5" width="11" height="19" rx="2.5" /><path d="M11 18.5h2" /></Icon>
export const ChatIcon = () => <Icon><path d="M4 5.5h16v11H10l-4.5 4v-4H4z" /><path d="M8 9.5h8M8 12.5h5" /></Icon>
export const PeopleIcon = () => (
  <Icon><circle cx="9" cy="8" r="3.25" /><path d="M3 19.5c.4-3.6 2.7-5.5 6-5.5s5.6 1.9 6 5.5" /><path d="M15.5 5.2a3.25 3.25 0 0 1 0 5.6M17.5 14.4c2 .7 3.2 2.5 3.5 5.1" /></Icon>
)
export const TagIcon = () => <Icon><path d="M3.5 12.5v-9h9l8 8a1.8 1.8 0 0 1 0 2.5l-6.5 6.5a1.8 1.8 0 0 1-2.5 0z" /><circle cx="8" cy="8" r="1.4" /></Icon>
export const BagIcon = () => <Icon><path d="M5 8h14l1 12.5H4z" /><path d="M8.5 8V6.5a3.5 3.5 0 0 1 7 0V8" /></Icon>
export const BellIcon = () => <Icon><path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15z" /><path d="M10 21h4" /></Icon>
export const BackIcon = () => <Icon><path d="M14.5 5 7.5 12l7 7" /></Icon>
export const SendIcon = () => <Icon><path d="M4 12 3.5 4.5 21 12 3.5 19.5zm0 0h8" /></Icon>
export const NewIcon = () => <Icon><path d="M4 5.5h16v11H10l-4.5 4v-4H4z" /><path d="M12 8v6M9 11h6" /></Icon>
export const FileIcon = () => <Icon><path d="M6 2.5h8l4.5 4.5v14.5H6z" /><path d="M14 2.5V7h4.5" /></Icon>
export const DownIcon = () => <Icon><path d="M12 5v14M6 13l6 6 6-6" /></Icon>
export const SearchIcon = () => <Icon><circle cx="11" cy="11" r="6.5" /><path d="m16 16 4.5 4.5" /></Icon>
export const ExitIcon = () => <Icon><path d="M14 4h5.5v16H14M4 12h10.5M11 8.5l3.5 3.5-3.5 3.5" /></Icon>
export const WarningIcon = () => <Icon><path d="M12 3.5 22 20.5H2z" /><path d="M12 10v4.5M12 17.6v.1" /></Icon>

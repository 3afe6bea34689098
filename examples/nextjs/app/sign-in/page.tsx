import type { Metadata } from 'next'
import { redirect } from 'next/navigation'

import { pageAfterSignIn } from '@/components/signInAddress'
import { SignInForm } from '@/components/SignInForm'
import { LanguageSwitch } from '@/components/LanguageSwitch'
import { currentUser } from '@/lib/auth'
import { currentTexts } from '@/lib/i18n/server'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).signIn.title })

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { from } = await searchParams
  const next = pageAfterSignIn(typeof from === 'string' ? from : null)
  if (await currentUser()) redirect(next)
  const texts = await currentTexts()
  return (
    <main className="sign-in">
      <p className="brand">{texts.appName}</p>
      <p className="intro">{texts.signIn.intro}</p>
      <SignInForm next={next} />
      <LanguageSwitch />
    </main>
  )
}

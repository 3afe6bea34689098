import { redirect } from 'next/navigation'

import { signInAddress } from '@/components/signInAddress'

import { currentUser } from './auth'

/** Who is signed in; anybody else is sent to the sign-in page, and from there back to `page`. */
export async function requireUser(page: string) {
  return (await currentUser()) ?? redirect(signInAddress(page))
}

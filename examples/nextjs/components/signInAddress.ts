// Where people sign in, and where they come back to.

const PAGES = /^\/(conversations(\/[\w-]{1,64})?|customers|products|orders|notifications)?$/

/** `from`, if it is a page of this program: nobody is sent elsewhere by a crafted link. */
export const pageAfterSignIn = (from: string | null | undefined): string => (from && PAGES.test(from) ? from : '/')

export const signInAddress = (from: string): string => {
  const page = pageAfterSignIn(from)
  return page === '/' ? '/sign-in' : `/sign-in?from=${encodeURIComponent(page)}`
}

/** Leaves this page for the sign-in page; the whole document, so that nothing of the account stays in memory. */
export function toSignIn() {
  if (location.pathname !== '/sign-in') location.replace(signInAddress(location.pathname))
}

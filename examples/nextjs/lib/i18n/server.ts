// The language of the request that is being answered.
import { cookies, headers } from 'next/headers'

import { chooseLanguage, LANGUAGE_COOKIE, TEXTS, type Language, type Texts } from '.'

export async function currentLanguage(): Promise<Language> {
  return chooseLanguage((await cookies()).get(LANGUAGE_COOKIE)?.value, (await headers()).get('accept-language'))
}

export const currentTexts = async (): Promise<Texts> => TEXTS[await currentLanguage()]

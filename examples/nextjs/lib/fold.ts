// Text as it is compared: customers write "cafe", "CAFÉ" and "Café" for the same thing.

/** Without case, accents and forms of the same letter. */
export const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** Only the words of it, with one space between them. */
export const words = (text: string) => fold(text).replace(/[^\p{L}\p{N}]+/gu, ' ').trim()

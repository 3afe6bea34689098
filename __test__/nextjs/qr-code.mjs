// Reads QR codes from the pixels of PNG files, as a phone's camera does.
import jsQR from 'jsqr'
import { PNG } from 'pngjs'

/** The text of the code in this picture; undefined where there is none. */
export function readQrCode(png) {
  const { data, width, height } = PNG.sync.read(png)
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data
}

/** The same of a data URL. */
export const readQrCodeUrl = (url) => readQrCode(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'))

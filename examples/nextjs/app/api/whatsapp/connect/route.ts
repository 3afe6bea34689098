import type { ConnectAnswer, StatusAnswer } from '@/lib/api'
import { AppError } from '@/lib/failure'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const POST = route({}, async ({ user }): Promise<ConnectAnswer> => {
  const { status, qrCode, connection, reason } = await whatsapp.connect(user.id)
  if (status === 'CONNECTED') return { success: true, qr: null, status, message: `Connected as ${connection.phoneNumber}.` }
  if (qrCode) return { success: true, qr: qrCode, status, message: 'Scan this code with WhatsApp: Settings, Linked devices.' }
  throw failure(reason)
})

function failure(reason: StatusAnswer['reason']): AppError {
  switch (reason) {
    case 'SESSION_HELD':
      return new AppError('SESSION_HELD', 'Another process has this session open.')
    case 'FOLDER_DAMAGED':
      return new AppError('CONNECT_FAILED', 'The files of the session cannot be read. Restore them, or disconnect and link the device again.')
    default:
      return new AppError('CONNECT_FAILED', 'WhatsApp did not open the connection.')
  }
}

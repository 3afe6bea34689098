// Where files are kept besides the database.
import path from 'node:path'

/** WhatsApp sessions, one folder for each user. */
export const sessionsFolder = () => path.resolve(/* turbopackIgnore: true */ process.env.SESSIONS_FOLDER ?? 'auth_sessions')

/** Files of messages. */
export const mediaFolder = () => path.resolve(/* turbopackIgnore: true */ process.env.MEDIA_FOLDER ?? 'data/media')

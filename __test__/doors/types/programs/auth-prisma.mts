// Credentials in a database table, as programs with Prisma have it.
import {
  type AuthenticationCreds, type AuthenticationState, BufferJSON, type SignalDataSet, type SignalDataTypeMap, initAuthCreds, proto,
} from 'baileys'

interface Row {
  sessionId: string
  id: string
  data: string
}
interface Table {
  findUnique(query: { select?: { data: true }; where: { sessionId_id: { sessionId: string; id: string } } }): Promise<Pick<Row, 'data'> | null>
  upsert(query: { create: Row; update: Pick<Row, 'data'>; where: { sessionId_id: { sessionId: string; id: string } } }): Promise<Row>
  delete(query: { where: { sessionId_id: { sessionId: string; id: string } } }): Promise<Row>
}
declare const prisma: { session: Table }

const fixId = (id: string): string => id.replace(/\//g, '__').replace(/:/g, '-')

export async function useSession(sessionId: string): Promise<{ state: AuthenticationState; saveCreds: () => Promise<void> }> {
  const where = (id: string) => ({ sessionId_id: { sessionId, id: fixId(id) } })
  const write = async (data: unknown, id: string): Promise<void> => {
    const text = JSON.stringify(data, BufferJSON.replacer)
    await prisma.session.upsert({ create: { sessionId, id: fixId(id), data: text }, update: { data: text }, where: where(id) })
  }
  const read = async (id: string) => {
    const row = await prisma.session.findUnique({ select: { data: true }, where: where(id) })
    return row ? JSON.parse(row.data, BufferJSON.reviver) : null
  }
  const remove = async (id: string): Promise<void> => void (await prisma.session.delete({ where: where(id) }).catch(() => undefined))
  const creds: AuthenticationCreds = (await read('creds')) || initAuthCreds()
  return {
    state: {
      creds,
      keys: {
        get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Promise<{ [id: string]: SignalDataTypeMap[T] }> => {
          const data: { [id: string]: SignalDataTypeMap[T] } = {}
          await Promise.all(
            ids.map(async (id) => {
              let value = await read(`${type}-${id}`)
              if (type === 'app-state-sync-key' && value) value = proto.Message.AppStateSyncKeyData.fromObject(value)
              data[id] = value
            }),
          )
          return data
        },
        set: async (data: SignalDataSet): Promise<void> => {
          const tasks: Promise<void>[] = []
          for (const category in data) {
            const values = data[category as keyof SignalDataTypeMap]
            for (const id in values) {
              const value = values[id]
              tasks.push(value ? write(value, `${category}-${id}`) : remove(`${category}-${id}`))
            }
          }
          await Promise.all(tasks)
        },
      },
    },
    saveCreds: () => write(creds, 'creds'),
  }
}

// Writes js/baileys/schema.json, what the Baileys door shows as `proto`, from the one schema of the repository.
// `npm run proto:json` after every change of whatsapp.proto; `--check` only says whether the file is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const source = new URL('../crates/chasqui-proto/proto/whatsapp.proto', import.meta.url)
const target = new URL('../js/baileys/schema.json', import.meta.url)

/**
 * The schema as protobufjs' JSON descriptor, the package level taken away, as one line of text. Nothing is required in it: programs
 * make messages of parts, and those of Baileys never failed for one that lacks.
 */
export function schemaText() {
  const { root } = protobuf.parse(readFileSync(source, 'utf8'), { keepCase: true })
  return JSON.stringify(root.lookup('wa').toJSON(), (name, value) => (name === 'rule' && value === 'required' ? undefined : value)) + '\n'
}

/** The file as it stands. */
export function schemaFile() {
  return readFileSync(target, 'utf8')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    if (schemaText() !== schemaFile()) {
      console.error('js/baileys/schema.json is not what whatsapp.proto says: run `node scripts/proto-json.mjs`')
      process.exitCode = 1
    }
  } else {
    writeFileSync(target, schemaText())
  }
}

/** Unrelated files in the results folder: the default folder is in the user's home. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILES = {
  'holiday.json': '{"where":"sea"}\n',
  'notes.txt': 'x',
  'machine.snapshot': 'not ours',
  'letter.json.tmp': '{"draft":true}',
  'diary.journal': 'Dear diary\n',
  'empty.json': '',
  lock: 'x',
  '.hidden': 'x'
}
const FOLDERS = ['album.json', 'backup.snapshot', 'old.json.tmp', 'trip.journal']

export function writeForeignFiles(folder: string): void {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content)
  for (const name of FOLDERS) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'inside'), 'x')
  }
}

/** Tests with these ids would share a name with an unrelated file. */
export const FOREIGN_IDS = ['holiday', 'diary', 'album', 'trip', 'empty']

/** Reports unrelated files that were changed or removed. */
export function checkForeignFiles(folder: string): string[] {
  const changed = Object.entries(FILES)
    .filter(([name, content]) => read(join(folder, name)) !== content)
    .map(([name]) => `the foreign file ${name} was changed or removed`)
  const gone = FOLDERS.filter((name) => !isFolder(join(folder, name))).map(
    (name) => `the foreign folder ${name} was changed or removed`
  )
  return [...changed, ...gone]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory() && readdirSync(path).join() === 'inside'
  } catch {
    return false
  }
}

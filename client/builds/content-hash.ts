import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A hash, in npm's notation, of the names and contents of all files in a folder. */
export async function contentHash(folder: string, without = ['node_modules']): Promise<string> {
  const hash = createHash('sha512')
  for (const file of await filesOf(folder, '', without)) {
    const content = await readFile(join(folder, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return `sha512-${hash.digest('base64')}`
}

async function filesOf(folder: string, under: string, without: readonly string[]): Promise<string[]> {
  const entries = await readdir(join(folder, under), { withFileTypes: true })
  const files = entries.map(async (entry) => {
    const path = join(under, entry.name)
    if (entry.isDirectory()) return without.includes(entry.name) ? [] : filesOf(folder, path, without)
    return [path]
  })
  return (await Promise.all(files)).flat().sort()
}

import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Files that can be bundled. */
export const CODE = /\.(?:[cm]?js|json)$/

/**
 * A hash, in npm's notation, of a file, or of names and contents of the files in a folder, or of `only`
 * those; of links in a folder, their targets.
 */
export async function contentHash(place: string, without = ['.git', 'node_modules'], only = /$/) {
  const hash = createHash('sha512')
  const files = (await stat(place)).isDirectory() ? await filesOf(place, '', without) : ['']
  for (const file of files) {
    if (!only.test(file)) continue
    const path = join(place, file)
    const isLink = file !== '' && (await lstat(path)).isSymbolicLink()
    const content = isLink ? await readlink(path) : await readFile(path)
    hash.update(`${file}\0${isLink ? 'link ' : ''}${content.length}\0`).update(content)
  }
  return `sha512-${hash.digest('base64')}`
}

async function filesOf(folder: string, under: string, without: readonly string[]): Promise<string[]> {
  const entries = await readdir(join(folder, under), { withFileTypes: true })
  const files = entries.map(async (entry) => {
    const path = join(under, entry.name)
    if (without.includes(entry.name)) return []
    return entry.isDirectory() ? filesOf(folder, path, without) : [path]
  })
  return (await Promise.all(files)).flat().sort()
}

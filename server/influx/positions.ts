/**
 * Records in the results folder how far each journal has been relayed. A journal is identified by its file
 * name, which no other test's journal ever has. After a crash some points are written again, which changes
 * nothing.
 */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ownFolderOf } from '../store/results-folder'

export class Positions {
  private readonly path: string
  private readonly positions: Map<string, number>

  /** `target` names the database. A different database receives everything from the beginning. */
  constructor(
    folder: string,
    private readonly target: string
  ) {
    this.path = join(ownFolderOf(folder), 'relay.json')
    this.positions = new Map(Object.entries(this.read()))
  }

  /** Bytes of the journal that have already been relayed. */
  get(journal: string): number {
    return this.positions.get(basename(journal)) ?? 0
  }

  set(journal: string, position: number): void {
    this.positions.set(basename(journal), position)
  }

  /** Forgets all other journals. */
  keepOnly(journals: Iterable<string>): void {
    const names = new Set([...journals].map((journal) => basename(journal)))
    for (const name of this.positions.keys()) if (!names.has(name)) this.positions.delete(name)
  }

  async save(): Promise<void> {
    const content = JSON.stringify({ target: this.target, positions: Object.fromEntries(this.positions) })
    await writeFile(`${this.path}.new`, content, { mode: 0o600 })
    await rename(`${this.path}.new`, this.path)
  }

  private read(): Record<string, number> {
    try {
      const stored = JSON.parse(readFileSync(this.path, 'utf8')) as {
        target: string
        positions: Record<string, number>
      }
      return stored.target === this.target ? stored.positions : {}
    } catch {
      // The file is missing or damaged: relay everything again.
      return {}
    }
  }
}

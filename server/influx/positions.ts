/** How far each journal has been relayed, kept in the results folder: after a crash some points are written again, which changes nothing. */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export class Positions {
  private readonly path: string
  private readonly positions: Map<string, number>

  /** `target` names the database: another one gets everything from the beginning. */
  constructor(
    folder: string,
    private readonly target: string
  ) {
    this.path = join(folder, '.relay.json')
    this.positions = new Map(Object.entries(this.read()))
  }

  get(id: string): number {
    return this.positions.get(id) ?? 0
  }

  set(id: string, position: number): void {
    this.positions.set(id, position)
  }

  forget(id: string): void {
    this.positions.delete(id)
  }

  async save(): Promise<void> {
    const content = JSON.stringify({ target: this.target, positions: Object.fromEntries(this.positions) })
    await writeFile(`${this.path}.tmp`, content, { mode: 0o600 })
    await rename(`${this.path}.tmp`, this.path)
  }

  private read(): Record<string, number> {
    try {
      const stored = JSON.parse(readFileSync(this.path, 'utf8')) as {
        target: string
        positions: Record<string, number>
      }
      return stored.target === this.target ? stored.positions : {}
    } catch {
      // Absent, or damaged: everything is relayed again.
      return {}
    }
  }
}

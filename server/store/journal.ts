/**
 * An append-only file of lines. Those that arrive while the disk is busy are written and synced together, and
 * acknowledged only then. A failed write leaves the file as it was.
 */
import { access, open, truncate, type FileHandle } from 'node:fs/promises'
import { sealOf } from './counted-lines'
import { lengthOf } from './records'

/** `fsync`: acknowledged lines survive a power cut. `write`: they survive a crash of the process. */
export type Durability = 'fsync' | 'write'

interface Waiting {
  /** One per line, as {@link encodeRecord} makes them. All are committed, or none. */
  records: Buffer[][]
  done: (end: number) => void
  failed: (error: unknown) => void
}

export class Journal {
  private waiting: Waiting[] = []
  private committing: Promise<void> | undefined
  /** Whether a failed write may have left bytes after the last committed line. */
  private mayHaveRest = false

  private constructor(
    private readonly file: FileHandle,
    readonly path: string,
    private readonly durability: Durability,
    private length: number,
    private nextNumber: number
  ) {}

  /** Rejects with EEXIST if the file exists. */
  static async create(path: string, durability: Durability): Promise<Journal> {
    return new Journal(await open(path, 'ax', 0o600), path, durability, 0, 0)
  }

  /** Cuts off everything after the first `length` bytes (a torn line). Numbers go on from `nextNumber`. */
  static async reopen(path: string, durability: Durability, length: number, nextNumber: number) {
    await truncate(path, length)
    return new Journal(await open(path, 'a'), path, durability, length, nextNumber)
  }

  get committedLength(): number {
    return this.length
  }

  /** Resolves to the position after the last of these lines, once they and all before them are on disk. */
  append(...records: Buffer[][]): Promise<number> {
    return new Promise((done, failed) => {
      this.waiting.push({ records, done, failed })
      this.committing ??= this.commitAll()
    })
  }

  async close(): Promise<void> {
    await this.committing
    await this.file.close()
  }

  private async commitAll(): Promise<void> {
    // Lets all requests of this event-loop turn join the first commit.
    await new Promise(setImmediate)
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      await this.commit(group)
    }
    // Cleared in the same turn as the last check: a line that arrives later must start the next commit.
    this.committing = undefined
  }

  private async commit(group: Waiting[]): Promise<void> {
    let { nextNumber } = this
    const blocks = group.map(({ records }) =>
      records.flatMap((pieces) => [...pieces, sealOf(pieces, nextNumber++)])
    )
    try {
      await this.write(blocks.flat())
    } catch (error) {
      // Waiting lines must fail as well: they may repeat something that has just failed (see LiveTest).
      for (const { failed } of [...group, ...this.waiting.splice(0)]) failed(error)
      return
    }
    this.nextNumber = nextNumber
    let end = this.length
    for (const [index, { done }] of group.entries()) {
      end += lengthOf(blocks[index]!)
      done(end)
    }
    this.length = end
  }

  private async write(pieces: Buffer[]): Promise<void> {
    const block = Buffer.concat(pieces)
    if (block.length === 0) return
    if (this.mayHaveRest) await this.cutBack()
    try {
      for (let written = 0; written < block.length;)
        written += (await this.file.write(block, written, block.length - written)).bytesWritten
      if (this.durability === 'fsync') await this.file.datasync()
      // Somebody has removed or moved it: nobody would find what is written now.
      await access(this.path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        throw new Error(`${this.path} was removed: delete the test`)
      })
    } catch (error) {
      this.mayHaveRest = true
      // Tried at once, because this may have been the last line; if it fails, the next line tries again.
      await this.cutBack().catch(() => undefined)
      throw error
    }
  }

  /** Removes what was refused: otherwise the next line would be appended to it. */
  private async cutBack(): Promise<void> {
    await this.file.truncate(this.length)
    this.mayHaveRest = false
  }
}

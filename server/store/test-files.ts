/** The files of a results folder: `<id>.journal` of each test that lives, `<id>.json` of each that is finished. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ID_PATTERN } from '../../protocol/limits'
import { Refusal } from '../refusal'
import { syncFolder } from './document-file'
import { Journal, type Durability } from './journal'

const DOCUMENT = '.json'
const JOURNAL = '.journal'
/** What a server left that ended while it wrote. */
const LEFTOVER = /\.(json\.tmp|snapshot|snapshot\.tmp)$/

export class TestFiles {
  constructor(
    private readonly folder: string,
    private readonly durability: Durability
  ) {}

  journal(id: string): string {
    return join(this.folder, id + JOURNAL)
  }

  document(id: string): string {
    return join(this.folder, id + DOCUMENT)
  }

  /** A new name for the document of a test as it stands. */
  snapshot(id: string): string {
    return join(this.folder, `${id}.${randomBytes(6).toString('hex')}.snapshot`)
  }

  /** Removes leftovers; returns the ids of what is there. Files of other names are left alone. */
  async sweep(): Promise<{ documents: string[]; journals: string[] }> {
    const names = await readdir(this.folder)
    for (const name of names.filter((name) => LEFTOVER.test(name))) await unlink(join(this.folder, name))
    return { documents: idsOf(names, DOCUMENT), journals: idsOf(names, JOURNAL) }
  }

  /** Throws Refusal 409 where there are files of that id: where file names know no case, "ABC" and "abc" are one file. */
  async createJournal(id: string): Promise<Journal> {
    if (!existsSync(this.document(id))) {
      try {
        return await Journal.create(this.journal(id), this.durability)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    throw new Refusal(
      409,
      'test-exists',
      `There is a file for test ${id} already: choose another id`,
      'testId'
    )
  }

  /** `length`: of its whole lines. */
  reopenJournal(id: string, length: number): Promise<Journal> {
    return Journal.reopen(this.journal(id), this.durability, length)
  }

  async journalLength(id: string): Promise<number> {
    return (await stat(this.journal(id))).size
  }

  async removeJournal(id: string): Promise<void> {
    await rm(this.journal(id), { force: true })
  }

  async remove(id: string): Promise<void> {
    await rm(this.document(id), { force: true })
    await this.removeJournal(id)
  }

  /** Puts the names of new files on disk. */
  sync(): Promise<void> {
    return syncFolder(this.folder)
  }
}

const idsOf = (names: string[], ending: string) =>
  names
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .filter((id) => ID_PATTERN.test(id))

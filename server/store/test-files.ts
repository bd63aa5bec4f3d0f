/**
 * The files of a results folder: `<id>.<generation>.journal` of each live test, `<id>.json` of each finished
 * one. The generation is random, so no earlier test of that id has a file of the same name. The server only
 * changes or removes files whose name and content show that they are its own.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { attempt } from '../../protocol/attempt'
import { Refusal } from '../../cli/refusal'
import { Journal, type Durability } from './journal'
import { ownFolderOf } from './results-folder'

const DOCUMENT = /^([A-Za-z0-9_-]{1,64})\.json$/
/** No other program uses such names. */
const JOURNAL = /^([A-Za-z0-9_-]{1,64})\.[0-9a-f]{16}\.journal$/
const UNFINISHED = /^[A-Za-z0-9_-]{1,64}\.[0-9a-f]{16}\.json\.unfinished$/

/** The file of a test's client page, beside the test's journal. Of another file, its own path. */
export const pageOf = (journal: string) => journal.replace(/\.journal$/, '.page')

export interface FoundFile {
  id: string
  path: string
}

export class TestFiles {
  constructor(
    readonly folder: string,
    readonly durability: Durability
  ) {}

  /** Whether "ABC" and "abc" name the same file here. */
  get ignoresCase(): boolean {
    return existsSync(join(this.folder, basename(ownFolderOf(this.folder)).toUpperCase()))
  }

  document(id: string): string {
    return join(this.folder, `${id}.json`)
  }

  /**
   * Removes unfinished files of earlier servers. `misnamed`: JSON objects whose names no test can have.
   * `notFiles`: links and folders that have a test's name.
   */
  async sweep() {
    const own = ownFolderOf(this.folder)
    for (const name of namesIn(own).files)
      if (UNFINISHED.test(name)) await rm(join(own, name), { force: true })
    const { files: names, others } = namesIn(this.folder)
    const documents: FoundFile[] = []
    const foreign: FoundFile[] = []
    for (const file of this.named(DOCUMENT, names))
      (isDocumentOf(file.path, file.id) ? documents : foreign).push(file)
    const misnamed = names.filter((name) => this.isMisnamed(name))
    const notFiles = others.filter((name) => DOCUMENT.test(name) || JOURNAL.test(name))
    return { documents, journals: this.named(JOURNAL, names), foreign, misnamed, notFiles }
  }

  /** Throws Refusal 409 if such a file exists: on some file systems, "ABC" and "abc" are one. */
  async createJournal(id: string): Promise<Journal> {
    const message = `The results folder has a file ${id}.json already: choose another id`
    if (existsSync(this.document(id))) throw new Refusal(409, 'test-exists', message, 'testId')
    const generation = randomBytes(8).toString('hex')
    return Journal.create(join(this.folder, `${id}.${generation}.journal`), this.durability)
  }

  /** A new path for a document to be written. {@link publish} then moves the document to its final place. */
  unfinished(id: string): string {
    return join(ownFolderOf(this.folder), `${id}.${randomBytes(8).toString('hex')}.json.unfinished`)
  }

  /** Moves a complete document to its place. Throws Refusal 409 rather than replace a foreign file. */
  async publish(unfinished: string, id: string): Promise<string> {
    const path = this.document(id)
    const message = `${path} is not that test's results document: move it away, then finish again`
    if (existsSync(path) && !isDocumentOf(path, id)) throw new Refusal(409, 'foreign-file', message)
    await rename(unfinished, path)
    await this.sync()
    return path
  }

  /** A test's page goes before its journal. */
  async remove(...paths: string[]): Promise<void> {
    for (const path of paths.flatMap((each) => [pageOf(each), each])) await rm(path, { force: true })
    await this.sync()
  }

  /** The creation, renaming or removal of a file survives a power cut only once its folder is synced. */
  async sync(): Promise<void> {
    if (this.durability === 'write') return
    const handle = await open(this.folder, 'r')
    await handle.sync().finally(() => handle.close())
  }

  /** machine.calibration.json, which holds a list, has such a name on purpose. */
  private isMisnamed(name: string): boolean {
    return name.endsWith('.json') && !DOCUMENT.test(name) && beginningOf(join(this.folder, name), 1) === '{'
  }

  private named(naming: RegExp, names: string[]): FoundFile[] {
    return names.flatMap((name) => {
      const id = naming.exec(name)?.[1]
      return id === undefined ? [] : [{ id, path: join(this.folder, name) }]
    })
  }
}

/** Whether the file begins like that test's document. No foreign file does. */
const isDocumentOf = (path: string, id: string) =>
  beginningOf(path, 4_096).includes(`{"id":"${id}","state":"`)

/** Empty if the file is unreadable: it is then not provably the server's own. */
function beginningOf(path: string, bytes: number): string {
  const beginning = attempt(() => {
    const file = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(bytes)
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, bytes, 0))
    } finally {
      closeSync(file)
    }
  })
  return beginning ?? ''
}

/** A folder or link with the name of the server's own file is not its own. */
function namesIn(folder: string): { files: string[]; others: string[] } {
  const entries = readdirSync(folder, { withFileTypes: true })
  const named = (isFile: boolean) => entries.filter((one) => one.isFile() === isFile).map(({ name }) => name)
  return { files: named(true), others: named(false) }
}

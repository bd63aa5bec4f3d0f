/**
 * One server per folder: two would write to the same journals. The lock (flock(2)) belongs to a file that the
 * process holds open, so it ends with the process, however that ends, and not before.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { attempt } from '../../protocol/attempt'
import { notWritable, writableFolder } from '../../cli/results-folder'
import { UserError } from '../../cli/user-error'

export class FolderInUseError extends UserError {}

/**
 * Node has no flock(2). These lock the open file that they inherit as descriptor 3, and exit; the lock stays
 * with this process. They exit with 1 and say nothing if another process holds it.
 */
export const LOCKERS: [command: string, ...args: string[]][] = [
  ['flock', '-n', '3'],
  // 6: LOCK_EX | LOCK_NB
  ['perl', '-e', 'open(F, "+<&=3") && flock(F, 6) or $!{EWOULDBLOCK} ? exit 1 : die "$!\\n"']
]

/** Holds the lock, temporary files, the server's address and the progress of the relay to InfluxDB. */
export const ownFolderOf = (folder: string) => join(folder, '.results-server')

/** Creates the folder if missing and takes it. Throws UserError. Returns a function that gives it back. */
export function takeFolder(folder: string, lockers = LOCKERS): () => void {
  for (const each of [folder, ownFolderOf(folder)]) writableFolder(each)
  // Never removed: a lock on a removed file would keep nobody out.
  const path = join(ownFolderOf(folder), 'lock')
  let release: (() => void) | undefined
  try {
    // Node opens files so that no child inherits them, unless it is told to.
    const file = openSync(path, 'a+', 0o600)
    release = () => closeSync(file)
    if (!lockFile(file, lockers))
      throw new FolderInUseError(
        `Another results server${readOwner(path)} uses the folder ${folder}: stop it, or set TEST_RESULTS_LOCATION to another folder`
      )
    // It may be that of an earlier server.
    withdrawAddress(folder)
    writeOwner(file)
    return release
  } catch (error) {
    release?.()
    throw error instanceof UserError ? error : notWritable(folder, error as Error)
  }
}

/** Locks an open file for this process. False if another process holds the lock. */
export function lockFile(file: number, lockers = LOCKERS): boolean {
  for (const [command, ...args] of lockers) {
    const { error, status, stderr } = spawnSync(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', file],
      encoding: 'utf8'
    })
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue
    if (error) throw error
    if (status === 0) return true
    if (status === 1 && stderr === '') return false
    throw new Error(`${command} can't lock it: ${stderr.trim()}`)
  }
  throw new UserError(
    'Nothing can lock the results folder, because there is no program flock and no perl: install util-linux'
  )
}

/** For the message of a server that is refused. If the disk is full, the message names nobody. */
function writeOwner(file: number): void {
  const owner = `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}`
  attempt(() => {
    ftruncateSync(file)
    writeSync(file, owner)
  })
}

/** Empty if the owner has not written it yet. */
function readOwner(path: string): string {
  const owner = readFileSync(path, 'utf8')
  return owner === '' ? '' : ` (${owner})`
}

/** Where the server of the folder answers, if it outlives single tests: `npm start` uses it then. */
const addressOf = (folder: string) => join(ownFolderOf(folder), 'address')

/** Call this only while holding the folder. */
export function publishAddress(folder: string, url: string): void {
  writeFileSync(addressOf(folder), url)
}

export function withdrawAddress(folder: string): void {
  rmSync(addressOf(folder), { force: true })
}

/** Undefined if the server of this folder publishes none. */
export const publishedAddress = (folder: string) => attempt(() => readFileSync(addressOf(folder), 'utf8'))

/**
 * One server per results folder: two would write to the same journals. The owner holds a numbered lease file
 * and renews it. A server that finds the highest lease expired or released, or its process dead, creates the
 * next number. Numbers only grow, so an owner knows that it has been replaced as soon as a higher number
 * exists (a fencing token: M. Kleppmann, "How to do distributed locking", 2016). This needs nothing but a
 * shared file system, so it works across containers and machines.
 */
import { open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../refusal'
import { describeSelf, isDead, readOwner } from './lease-owner'
import { FolderInUseError } from './start-error'

/** How often the owner renews its lease. */
const RENEWAL_MS = 500
/** How long the owner relies on a renewal. After that, it must renew before it acknowledges anything. */
const TRUST_MS = 1_500
/** A lease that has not changed for this long, by the waiting process's clock, has expired. */
const EXPIRY_MS = 4_000
const POLL_MS = 50
const RELEASED = 'released'

export class FolderLease {
  private trustedUntil = 0
  private isOver = false
  private timer: NodeJS.Timeout | undefined
  private renewing: Promise<void> | undefined
  private reportLoss!: () => void
  /**
   * Resolves when another server has taken the folder. This server must then stop; it acknowledges nothing
   * more.
   */
  readonly lost = new Promise<void>((resolve) => (this.reportLoss = resolve))

  private constructor(
    private readonly folder: string,
    private readonly number: number
  ) {}

  /**
   * Waits a few seconds if it cannot tell whether the last owner is alive. Throws StartError if it is.
   */
  static async acquire(folder: string): Promise<FolderLease> {
    for (;;) {
      const { number, mayBeAlive } = await waitUntilFree(folder)
      if (!(await claim(folder, number + 1))) continue
      const lease = new FolderLease(folder, number + 1)
      // The last owner relies on its last renewal and may still acknowledge data. That data must be on disk
      // before this server reads.
      if (mayBeAlive) await sleep(2 * TRUST_MS)
      await lease.renew()
      if (lease.isOver) continue
      lease.timer = setInterval(() => {
        lease.renew().catch(() => undefined)
      }, RENEWAL_MS)
      return lease
    }
  }

  /** Rejects with Refusal 503 unless the folder still belongs to this server. */
  async ensureHeld(): Promise<void> {
    // Checks twice, because a pending first renewal may have begun long ago.
    for (let look = 0; look < 2 && !this.isOver && !this.isTrusted; look++) await this.renew()
    if (this.isOver)
      throw new Refusal(503, 'folder-lost', 'Another results server has taken over the results folder')
    if (!this.isTrusted)
      throw new Refusal(503, 'folder-slow', 'The results folder could not be renewed in time: try again')
  }

  /** Whether {@link ensureHeld} would resolve without reading the disk. */
  get isTrusted(): boolean {
    return !this.isOver && performance.now() < this.trustedUntil
  }

  async release(): Promise<void> {
    clearInterval(this.timer)
    const isOwner = !this.isOver
    this.isOver = true
    await this.renewing?.catch(() => undefined)
    // The file stays, so that its number is never reused.
    if (isOwner) await writeFile(pathOf(this.folder, this.number), RELEASED).catch(() => undefined)
  }

  private renew(): Promise<void> {
    this.renewing ??= this.renewNow().finally(() => (this.renewing = undefined))
    return this.renewing
  }

  private async renewNow(): Promise<void> {
    const begun = performance.now()
    const now = new Date()
    await utimes(pathOf(this.folder, this.number), now, now).catch(ignoreMissing)
    if ((await highestIn(this.folder)) === this.number) this.trustedUntil = begun + TRUST_MS
    else if (!this.isOver) {
      this.isOver = true
      clearInterval(this.timer)
      this.reportLoss()
    }
  }
}

/** Resolves to the number of the last lease once it is over; 0 if there never was one. */
async function waitUntilFree(folder: string): Promise<{ number: number; mayBeAlive: boolean }> {
  let seen: { number: number; state: string; since: number } | undefined
  for (;;) {
    const number = await highestIn(folder)
    if (number === 0) return { number, mayBeAlive: false }
    const lease = await look(folder, number)
    if (lease === undefined) continue
    const owner = readOwner(lease.content)
    if (lease.content === RELEASED || isDead(owner)) return { number, mayBeAlive: false }
    if (seen?.number !== number) seen = { number, state: lease.state, since: performance.now() }
    else if (seen.state !== lease.state) {
      const who = owner ? ` (process ${owner.pid} on ${owner.host})` : ''
      throw new FolderInUseError(
        `Another results server${who} uses the folder ${dirname(folder)}: stop it, or set TEST_RESULTS_LOCATION to another folder`
      )
    } else if (performance.now() - seen.since > EXPIRY_MS) return { number, mayBeAlive: true }
    await sleep(POLL_MS)
  }
}

/** The current state of a lease; undefined if it has been removed in the meantime. */
async function look(folder: string, number: number): Promise<{ content: string; state: string } | undefined> {
  const path = pathOf(folder, number)
  try {
    const [content, { mtimeMs }] = [await readFile(path, 'utf8'), await stat(path)]
    return { content, state: `${mtimeMs} ${content}` }
  } catch (error) {
    ignoreMissing(error)
    return undefined
  }
}

/** Creates the lease with that number. False if another process was faster. */
async function claim(folder: string, number: number): Promise<boolean> {
  const path = pathOf(folder, number)
  try {
    const file = await open(path, 'wx', 0o600)
    // On a full disk the file stays empty. Other servers then cannot see that the process is dead, but they
    // can see the lease expire.
    await file.writeFile(describeSelf()).catch(ignoreFullDisk)
    await file.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  if ((await highestIn(folder)) === number) {
    for (const old of (await numbersIn(folder)).filter((other) => other < number))
      await rm(pathOf(folder, old), { force: true })
    return true
  }
  await rm(path, { force: true })
  return false
}

async function numbersIn(folder: string): Promise<number[]> {
  return (await readdir(folder))
    .map((name) => Number(/^lease-(\d{1,15})$/.exec(name)?.[1]))
    .filter((number) => number > 0)
    .sort((a, b) => a - b)
}

const highestIn = async (folder: string) => (await numbersIn(folder)).at(-1) ?? 0
const pathOf = (folder: string, number: number) => join(folder, `lease-${number}`)

const ignore =
  (...codes: string[]) =>
  (error: unknown): void => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
const ignoreMissing = ignore('ENOENT')
const ignoreFullDisk = ignore('ENOSPC', 'EDQUOT', 'EFBIG')

/**
 * Preloaded into the server under test and its workers: makes writes to one folder fail like those to a full,
 * failing or slow disk. A file, which the campaign can rewrite at any time, says which faults are on. `node
 * --require` intercepts every file operation of Node itself, in all threads; the server has no native code
 * that writes.
 */
import fs from 'node:fs'
import { threadId } from 'node:worker_threads'
import { seededRandom } from '../../analysis/statistics/random'

/** The disk's faults. All are off by default. */
export interface DiskFaults {
  /** The disk is full: writes fail with ENOSPC or write only half of their bytes. */
  full?: boolean
  /** Share of operations that fail with EIO. */
  failing?: number
  /** Longest delay of an operation, in ms. */
  slow?: number
  /** Delay of every operation, in ms, also of those that read. */
  stalled?: number
  /** Writes to journals are acknowledged and discarded. Planted to prove that the campaign notices. */
  lying?: boolean
}

const { DISK_FAULTS_FOLDER: folder = '', DISK_FAULTS_FILE: control = '', DISK_FAULTS_SEED } = process.env
/** Each thread draws from a stream of its own. */
const random = seededRandom((Number(DISK_FAULTS_SEED) ^ Math.imul(threadId, 0x9e3779b1)) >>> 0)
const readFileSync = fs.readFileSync.bind(fs)
const readlinkSync = fs.readlinkSync.bind(fs)

function faults(): DiskFaults {
  try {
    return JSON.parse(readFileSync(control, 'utf8')) as DiskFaults
  } catch {
    return {}
  }
}

function isOurs(target: unknown): boolean {
  if (typeof target === 'string') return target.startsWith(folder)
  if (typeof target !== 'number') return false
  try {
    return readlinkSync(`/proc/self/fd/${target}`).startsWith(folder)
  } catch {
    return false
  }
}

function failure(code: 'ENOSPC' | 'EIO', call: string): Error {
  const text = code === 'ENOSPC' ? 'no space left on device' : 'i/o error'
  return Object.assign(new Error(`${code}: ${text}, ${call}`), { code, syscall: call })
}

/** Throws if the operation fails before it does anything. `adds`: it needs disk space. */
function fail({ full, failing = 0 }: DiskFaults, call: string, adds: boolean): void {
  if (full === true && adds && random.uniform() < 0.7) throw failure('ENOSPC', call)
  if (random.uniform() < failing) throw failure('EIO', call)
}

const pause = ({ slow = 0, stalled = 0 }: DiskFaults) =>
  new Promise((resolve) => setTimeout(resolve, stalled + random.uniform() * slow))

/** Needs disk space; or only changes something; or only reads, which does not fail here, but stalls. */
type Effect = 'adds' | 'other' | 'reads'
type Method = (this: unknown, ...args: unknown[]) => unknown
type Methods = Record<string, Method>

/** Replaces methods that return promises. `targetOf` returns the path or file descriptor of a call. */
function wrap(
  owner: object,
  names: Record<string, Effect>,
  targetOf: (self: unknown, args: unknown[]) => unknown
): void {
  const methods = owner as Methods
  for (const [name, effect] of Object.entries(names)) {
    const original = methods[name]!
    methods[name] = async function (...args) {
      const now = faults()
      if (Object.keys(now).length > 0 && isOurs(targetOf(this, args))) {
        await pause(now)
        if (effect !== 'reads') fail(now, name, effect === 'adds')
      }
      return original.apply(this, args)
    }
  }
}

function wrapSync(names: Record<string, 'adds' | 'other'>): void {
  const methods = fs as unknown as Methods
  for (const [name, effect] of Object.entries(names)) {
    const original = methods[name]!
    methods[name] = function (...args) {
      const now = faults()
      if (Object.keys(now).length > 0 && isOurs(args[0])) fail(now, name, effect === 'adds')
      return original.apply(this, args)
    }
  }
}

wrap(
  fs.promises,
  {
    writeFile: 'adds',
    appendFile: 'adds',
    mkdir: 'adds',
    copyFile: 'adds',
    link: 'adds',
    rename: 'other',
    readdir: 'other',
    rm: 'other',
    unlink: 'other',
    truncate: 'other',
    open: 'reads',
    stat: 'reads'
  },
  (_self, [path]) => path
)
wrapSync({
  writeFileSync: 'adds',
  appendFileSync: 'adds',
  writeSync: 'adds',
  mkdirSync: 'adds',
  linkSync: 'adds',
  renameSync: 'other',
  rmSync: 'other',
  unlinkSync: 'other',
  fsyncSync: 'other',
  fdatasyncSync: 'other'
})

/** Streams write by file descriptor, with a callback at the end. */
const methods = fs as unknown as Methods
for (const name of ['write', 'writev', 'fsync', 'fdatasync']) {
  const original = methods[name]!
  methods[name] = function (...args) {
    const now = faults()
    if (Object.keys(now).length > 0 && isOurs(args[0])) {
      try {
        fail(now, name, name.startsWith('write'))
      } catch (error) {
        process.nextTick(args.at(-1) as (error: unknown) => void, error)
        return undefined
      }
    }
    return original.apply(this, args)
  }
}

const wrapHandles = async () => {
  const handle = await fs.promises.open(__filename)
  const prototype = Object.getPrototypeOf(handle) as Methods
  await handle.close()
  const fd = (self: unknown) => (self as fs.promises.FileHandle).fd
  const write = prototype.write!
  wrap(
    prototype,
    {
      appendFile: 'adds',
      writeFile: 'adds',
      writev: 'adds',
      sync: 'other',
      datasync: 'other',
      truncate: 'other',
      read: 'reads',
      stat: 'reads'
    },
    fd
  )
  prototype.write = async function (...args) {
    const now = faults()
    if (Object.keys(now).length === 0 || !isOurs(fd(this))) return write.apply(this, args)
    const [buffer, offset, length, position] = args as [Buffer, number, number, number]
    if (now.lying === true) return { bytesWritten: length, buffer }
    await pause(now)
    fail(now, 'write', true)
    // The remaining space is enough for only half of it.
    const fits = now.full === true ? Math.floor(length / 2) : length
    return write.call(this, buffer, offset, fits, position)
  }
}

wrapHandles().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})

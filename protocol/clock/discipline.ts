/** How this machine's system clock is known: whose kernel it is, and what keeps it right. For Node. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { attempt } from '../attempt'
import { readAhead, type SystemClock } from './system-clock'

type Discipline = Required<Pick<SystemClock, 'error' | 'source'>>

const REFRESH_MS = 10_000
const TIMEOUT_MS = 1000

/** Follows this machine's system clock. `now` is this process's clock, which it is compared with. */
export class SystemClockWatch {
  private ahead = 0
  private readAt = -Infinity
  private discipline: Discipline | undefined
  private readonly machine = kernelId()

  constructor(
    private readonly now: () => number,
    private readonly askDiscipline: () => Promise<Discipline | undefined> = findDiscipline
  ) {}

  /** What is known now, at most ten seconds old. */
  read(): SystemClock {
    if (performance.now() - this.readAt > REFRESH_MS) {
      this.readAt = performance.now()
      this.ahead = readAhead(this.now)
      // After a failure, the next try is in ten seconds.
      this.refresh().catch(() => undefined)
    }
    return { ahead: this.ahead, machine: this.machine, ...this.discipline }
  }

  /** Asks what disciplines the clock, for {@link read}, which also calls it. */
  async refresh(): Promise<void> {
    this.discipline = await this.askDiscipline()
  }
}

async function findDiscipline(): Promise<Discipline | undefined> {
  const byChrony = () => byCommand('chronyc', ['-c', 'tracking'], parseChrony)
  return (await byEcs()) ?? (await byChrony()) ?? byCommand('adjtimex', ['--print'], parseAdjtimex)
}

/**
 * Amazon ECS has a task's clock error in its metadata:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
async function byEcs(): Promise<Discipline | undefined> {
  const { ECS_CONTAINER_METADATA_URI_V4: url } = process.env
  if (url === undefined || url === '') return undefined
  const answer = fetch(`${url}/task`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return answer.then(async (task) => parseEcs(await task.json())).catch(() => undefined)
}

export function parseEcs(task: unknown): Discipline | undefined {
  const drift = (task as { ClockDrift?: { ClockErrorBound?: number; ClockSynchronizationStatus?: string } })
    .ClockDrift
  if (drift?.ClockSynchronizationStatus !== 'SYNCHRONIZED') return undefined
  return known(drift.ClockErrorBound ?? NaN, 'ECS')
}

/**
 * The error is at most |offset| + root dispersion + root delay ÷ 2
 * (https://chrony-project.org/doc/4.5/chronyc.html, "tracking").
 */
export function parseChrony(line: string): Discipline | undefined {
  const fields = line.trim().split(',')
  const [offset, rootDelay, rootDispersion] = [4, 10, 11].map((index) => Number(fields[index]))
  if (fields.length < 14 || fields[13] === 'Not synchronised') return undefined
  return known(1000 * (Math.abs(offset!) + rootDispersion! + rootDelay! / 2), 'chrony')
}

/** adjtimex(8): the kernel's own bound in µs, and bit 64 of the status if nothing disciplines the clock. */
export function parseAdjtimex(text: string): Discipline | undefined {
  const valueOf = (name: string) => Number(new RegExp(`^\\s*${name}:\\s*(-?\\d+)`, 'm').exec(text)?.[1])
  const status = valueOf('status')
  if (Number.isNaN(status) || (status & 64) !== 0) return undefined
  return known(valueOf('maxerror') / 1000, 'adjtimex')
}

/** Commands that this machine lacks: a try to start one costs as much as starting it. */
const missing = new Set<string>()

async function byCommand(command: string, args: string[], parse: (text: string) => Discipline | undefined) {
  if (missing.has(command)) return undefined
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: TIMEOUT_MS })
    return parse(stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') missing.add(command)
    return undefined
  }
}

function known(error: number, source: string): Discipline | undefined {
  return Number.isFinite(error) && error >= 0 ? { error, source } : undefined
}

/** Containers see their host's boot id. It is hashed, because it is nobody else's business. */
function kernelId(): string | undefined {
  const bootId = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  return bootId && createHash('sha256').update(bootId).digest('hex').slice(0, 16)
}

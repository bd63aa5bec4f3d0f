/** Clients that record every acknowledgement. They create, fill, read, finish, delete and recreate tests. */
import { setTimeout as sleep } from 'node:timers/promises'
import { call, isOk, isRefused, type Outcome } from './calls'
import type { Site } from './site'

/** A test from its creation to its deletion. The next test with the same id is a new life. */
export interface Life {
  id: string
  /** Numbers of the points that were sent, and of those that were acknowledged. */
  sent: Set<number>
  acknowledged: Set<number>
  state: 'running' | 'finished' | 'deleted' | 'unknown'
  /** Its results file was removed while the server was running. */
  vanished: boolean
  /** A byte of its journal was changed: it may lose points, and must say so. */
  isDamaged: boolean
}

let lastNumber = 0

export class Tester {
  readonly lives: Life[] = []
  readonly violations: string[] = []

  constructor(
    private readonly site: Site,
    private readonly id: string,
    private readonly uniform: () => number,
    private readonly isOver: () => boolean
  ) {}

  get current(): Life | undefined {
    return this.lives.at(-1)
  }

  /**
   * Works until the round is over, then finishes what it has started. Throws if the server never does what it
   * is asked.
   */
  async run(): Promise<void> {
    while (!this.isOver()) {
      const life = await this.create()
      if (!life) continue
      await this.fill(life)
      await this.finish(life)
      if (this.isOver() || this.uniform() < 0.3) return
      if (this.uniform() < 0.5) await this.readDocument(life)
      await this.remove(life)
    }
  }

  private async create(): Promise<Life | undefined> {
    const life: Life = {
      id: this.id,
      sent: new Set(),
      acknowledged: new Set(),
      state: 'unknown',
      vanished: false,
      isDamaged: false
    }
    for (let attempt = 0; !this.isOver(); attempt++) {
      const outcome = await this.ask('POST', `/test/${this.id}`, { started: true })
      // It already exists because an earlier attempt created it without a successful response.
      if (isOk(outcome) || (outcome.status === 409 && attempt > 0)) {
        life.state = 'running'
        this.lives.push(life)
        if (outcome.status === 409) await this.ask('PUT', `/test/${this.id}/start`)
        return life
      }
      if (outcome.status === 409) {
        this.violations.push(`${this.id} cannot be created, though its deletion was acknowledged`)
        return undefined
      }
      if (outcome.status === 507 && attempt === 0) await this.expectAbsent()
      await sleep(50)
    }
    // It may have been created; there is no way to know.
    this.lives.push(life)
    return undefined
  }

  /** Checks the server's promise that "The disk is full: nothing was stored." */
  private async expectAbsent(): Promise<void> {
    const { status } = await this.ask('GET', `/test/${this.id}`)
    if (status === 200)
      this.violations.push(`${this.id} exists, though its creation was refused for a full disk`)
  }

  private async fill(life: Life): Promise<void> {
    // By count, not by time: after a fault, writes must go on behind what it left in the journal.
    const enough = 50 + this.uniform() * 400
    const isDone = () => this.isOver() || life.acknowledged.size > enough
    const peers = Array.from({ length: 1 + Math.floor(this.uniform() * 3) }, (_, i) => `peer${i}`)
    await Promise.all([
      ...peers.map((peer) => this.sendBatches(life, peer, isDone)),
      this.sendSingles(life, isDone)
    ])
  }

  /** Repeats each batch until it is acknowledged: the server ignores the ones that it already has. */
  private async sendBatches(life: Life, peerId: string, isDone: () => boolean): Promise<void> {
    let sequence = 0
    while (!isDone()) {
      const batch = Array.from({ length: 1 + Math.floor(this.uniform() * 20) }, () => ({
        peerId,
        sequence: sequence++,
        sent: ++lastNumber
      }))
      for (const { sent } of batch) life.sent.add(sent)
      for (;;) {
        const outcome = await this.ask('POST', `/test/${life.id}/metrics`, batch)
        if (isOk(outcome)) {
          for (const { sent } of batch) life.acknowledged.add(sent)
          break
        }
        if (isRefused(outcome)) {
          this.noteRefusal(life, outcome)
          return
        }
        if (this.isOver()) return
        await sleep(20)
      }
    }
  }

  /**
   * Sends points as older clients do, without a sequence number, so a point is not repeated if its response
   * is lost.
   */
  private async sendSingles(life: Life, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const sent = ++lastNumber
      life.sent.add(sent)
      const outcome = await this.ask('PUT', `/test/${life.id}/peer/single/metrics`, { sent })
      if (isOk(outcome)) life.acknowledged.add(sent)
      else if (isRefused(outcome)) {
        this.noteRefusal(life, outcome)
        return
      }
      await sleep(10)
    }
  }

  private noteRefusal({ id }: Life, { status, body }: Outcome): void {
    this.violations.push(`${id} runs, and refuses a point: ${status ?? ''} ${JSON.stringify(body)}`)
  }

  private async finish(life: Life): Promise<void> {
    this.site.endings.emit('ending')
    await this.repeat(`finishing ${life.id}`, async () => {
      const outcome = await this.ask('PUT', `/test/${life.id}/finish`)
      return isOk(outcome) || outcome.status === 409
    })
    life.state = 'finished'
  }

  private async readDocument(life: Life): Promise<void> {
    const { status, body } = await this.ask('GET', `/test/${life.id}?dataPoints=true`)
    if (status === 200 && !life.vanished) this.violations.push(...checkDocument(life, body))
  }

  /** Sends several deletions at once: one of them succeeds. */
  private async remove(life: Life): Promise<void> {
    this.site.endings.emit('ending')
    const deletions = Array.from({ length: 1 + Math.floor(this.uniform() * 3) }, () =>
      this.ask('DELETE', `/test/${life.id}`)
    )
    life.state = 'unknown'
    // The next life may start while the other deletions are in progress: they must not affect it.
    const first = await Promise.race(deletions)
    if (isOk(first) || first.status === 404) {
      life.state = 'deleted'
      return
    }
    await Promise.all(deletions)
    await this.repeat(`deleting ${life.id}`, async () => {
      const outcome = await this.ask('DELETE', `/test/${life.id}`)
      return isOk(outcome) || outcome.status === 404
    })
    life.state = 'deleted'
  }

  /** Repeats until it succeeds, as it must once the round's faults are over. */
  private async repeat(what: string, attempt: () => Promise<boolean>): Promise<void> {
    let deadline: number | undefined
    while (!(await attempt())) {
      if (this.isOver()) deadline ??= Date.now() + 45_000
      if (deadline !== undefined && Date.now() > deadline) {
        this.violations.push(`${what} does not succeed, 45 s after the last fault`)
        throw new Error(what)
      }
      await sleep(50)
    }
  }

  private ask(method: string, path: string, body?: unknown): Promise<Outcome> {
    return call(this.site.url, method, path, body)
  }
}

/** Problems of the results document of a finished test. */
export function checkDocument({ id, sent, acknowledged, isDamaged }: Life, body: unknown): string[] {
  const { dataPoints, finished, damage } = (body ?? {}) as {
    dataPoints?: { metrics: { sent: number } }[]
    finished?: unknown
    damage?: string
  }
  if (!dataPoints || finished === undefined || finished === false)
    return [`the document of ${id} is not whole`]
  const numbers = dataPoints.map(({ metrics }) => metrics.sent)
  const found = new Set(numbers)
  const lost = isDamaged ? [] : [...acknowledged].filter((number) => !found.has(number))
  const foreign = [...found].filter((number) => !sent.has(number))
  return [
    ...(lost.length > 0
      ? [`${lost.length} of ${acknowledged.size} acknowledged points of ${id} are lost`]
      : []),
    ...(numbers.length > found.size ? [`${numbers.length - found.size} points of ${id} are doubled`] : []),
    ...(foreign.length > 0 ? [`${foreign.length} points of ${id} belong to an earlier test`] : []),
    ...(isDamaged && damage === undefined ? [`the damage of ${id} is not reported`] : [])
  ]
}

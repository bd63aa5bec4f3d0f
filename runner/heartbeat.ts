/** Reports the state of this runner, its tabs and its machine to the results server every two seconds. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, isTransient, type ResultsClient } from '../protocol/api-client'
import type { RunnerRegistration } from '../protocol/api-answers'
import type { RunnerProvenance, RunnerSample } from '../protocol/runner-sample'
import { LIMITS } from '../protocol/limits'
import { messageOf } from '../cli/user-error'
import type { RunnerConfiguration } from './configuration'
import { MachineSampler } from './machine/sampler'
import type { Watch } from './watch'

const EVERY_MS = 2_000

export class Heartbeat {
  private sequence = 0
  private state: RunnerSample['state'] = 'starting'
  private readonly unsent: RunnerSample[] = []
  private sending: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly client: ResultsClient,
    private readonly testId: string,
    private readonly runnerId: string,
    private readonly machine: MachineSampler,
    private readonly watch: Watch,
    private readonly onAnswer: (registration: RunnerRegistration) => void
  ) {}

  /** Registers this runner. Rejects if the server refuses or cannot be reached. */
  async register(provenance: RunnerProvenance, firstPeer: number | undefined): Promise<RunnerRegistration> {
    const sample = { ...this.sample('starting'), provenance, firstPeer }
    return this.client.submitRunnerSample(this.testId, this.runnerId, sample)
  }

  start(): void {
    this.timer = setInterval(() => this.beat(), EVERY_MS)
  }

  /** The peers are ready: says so at once, the first time. */
  ready(): void {
    if (this.state === 'starting') this.beat()
  }

  private beat(): void {
    this.send(this.watch.running ? 'running' : this.watch.ready ? 'ready' : 'starting')
  }

  /**
   * Sends the last sample, which says how the run ended, along with any samples that are still unsent. Waits
   * no longer than `patience` (ms) for a server that is away.
   */
  async end(state: 'finished' | 'failed', patience: number): Promise<void> {
    clearInterval(this.timer)
    this.send(state)
    await Promise.race([this.sending, sleep(patience, undefined, { ref: false })])
    if (this.unsent.length > 0)
      this.watch.problem(
        `The results server lacks the last ${this.unsent.length} samples of this machine: it has not taken them`
      )
  }

  private sample(state: RunnerSample['state']): RunnerSample {
    return {
      sequence: this.sequence++,
      state,
      peers: this.watch.peers,
      tabs: this.watch.tabCounts,
      ...this.machine.sample(),
      errors: this.watch.takeErrors(),
      disturbance: this.watch.disturbance
    }
  }

  private send(state: RunnerSample['state']): void {
    // As the peers become ready and at the end, never while they are measured.
    if (state !== this.state && this.state !== 'ready') this.machine.readMemory()
    this.state = state
    this.unsent.push(this.sample(state))
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined))
  }

  /** Sends samples one at a time. What cannot be delivered waits for the next beat. */
  private async sendAll(): Promise<void> {
    for (let sample = this.unsent[0]; sample; sample = this.unsent[0]) {
      try {
        this.onAnswer(await this.client.submitRunnerSample(this.testId, this.runnerId, sample))
      } catch (error) {
        if (isTransient(error as Error)) return
        if (!(error instanceof ApiError)) throw error
        // A finished test accepts no more samples. Any other refusal deserves a line, but is no reason to
        // stop the peers.
        if (error.status !== 409) this.watch.problem(`The results server refuses a sample: ${error.message}`)
      }
      this.unsent.shift()
    }
  }
}

/** Stores why this runner never took part: its test may have nothing else to show. */
export async function reportNoStart(
  client: ResultsClient,
  { testId, runnerId }: RunnerConfiguration,
  error: unknown
): Promise<void> {
  const nobody = { peers: { wanted: 0, ready: 0, done: 0 }, tabs: { open: 0, crashed: 0 } }
  await client
    .submitRunnerSample(testId, runnerId, {
      sequence: 0,
      state: 'failed',
      ...nobody,
      ...new MachineSampler().sample(),
      errors: [messageOf(error).slice(0, LIMITS.textLength)]
    })
    // No test or no server: then that is the error.
    .catch(() => undefined)
}

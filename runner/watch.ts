/**
 * What the runner knows about its tabs: how far they are, what went wrong, and whether everything is over.
 * This module does not touch the browser.
 */
import { printable } from '../cli/printable'
import { LIMITS } from '../protocol/limits'
import type { PageStatus } from '../protocol/page'
import type { RunnerSample } from '../protocol/runner-sample'
import { redact } from './redact'

/** Pages report once a second; a running page that is silent for this long is frozen. */
const FROZEN_AFTER_MS = 10_000
/** A tab that is silent for this long will not come back. */
const GIVEN_UP_AFTER_MS = 90_000
/** Time between two looks. */
export const LOOK_EVERY_MS = 250
/** If more time passes between two looks, the runner itself was stalled and reports may be unread. */
const STALLED_AFTER_MS = 3_000
/** Builds reckon with the time of day. Time servers correct less without a step. */
const CLOCK_STEP_MS = 1_000
const ERRORS_PER_SAMPLE = 20
/** A build may write another id into each. */
const MOST_ERRORS = 1000

interface WatchedTab {
  peers: number
  lastSeen: number
  status?: PageStatus
  ending?: 'done' | 'failed' | 'gone' | 'given up'
  silent: boolean
}

export class Watch {
  private readonly tabs = new Map<number, WatchedTab>()
  private unsentErrors: string[] = []
  /** Why the run has failed, one line each; empty if it has not. */
  readonly failures: string[] = []
  /** What did not happen in time, one line each. */
  readonly timeouts: string[] = []
  /** What spoilt the running test first, although no tab failed. */
  disturbance: string | undefined
  private readonly said = new Set<string>()
  private lastLook = Infinity
  private lastAhead: number
  isBrowserGone = false
  private isOver = false

  /**
   * @param wanted number of peers in all tabs that will be opened
   * @param tell receives one line for each thing that goes wrong
   * @param token never appears in a line
   */
  constructor(
    private readonly wanted: number,
    private readonly tell: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
    private readonly token?: string,
    /** ms by which the time of day is ahead of the time since the start. */
    private readonly ahead: () => number = () => Date.now() - performance.now()
  ) {
    this.lastAhead = ahead()
  }

  opened(tab: number, peers: number): void {
    this.tabs.set(tab, { peers, lastSeen: this.now(), silent: false })
  }

  report(tab: number, status: PageStatus): void {
    const watched = this.tabs.get(tab)!
    if (watched.silent) this.tell(`Tab ${tab} is back after ${seconds(this.now() - watched.lastSeen)}`)
    Object.assign(watched, { status, lastSeen: this.now(), silent: false })
    if (status.phase === 'done') watched.ending ??= 'done'
    if (status.phase === 'failed') this.fail(tab, 'failed', `failed: ${status.error ?? 'no reason given'}`)
    else if (status.error !== undefined) this.pageError(tab, status.error)
  }

  /** An error that the page reported, or that the browser reports about it; the tab keeps running. */
  pageError(tab: number, text: string): void {
    const isShown = this.said.size < MOST_ERRORS
    this.note(isShown ? `Tab ${tab}: ${text}` : 'Pages report more errors, which are not shown')
  }

  /** The tab crashed or was closed. `failed`: it is well, but its page never came. */
  gone(tab: number, why: string, ending: 'failed' | 'gone' = 'gone'): void {
    if (!this.isOver) this.fail(tab, ending, why)
  }

  /** A failure of something other than a tab. The run continues and ends as failed. */
  problem(line: string): void {
    const text = this.safe(line)
    if (!this.failures.includes(text)) this.failures.push(text)
    this.note(line)
  }

  /** A problem that voids the test if it is running. */
  disturbed(line: string): void {
    if (this.running) this.disturbance ??= this.safe(line).slice(0, LIMITS.textLength)
    this.problem(line)
  }

  /**
   * Records that something did not happen in time. The run continues; the validity rules judge whether the
   * machine was fit.
   */
  timeOut(line: string): void {
    this.timeouts.push(this.safe(line))
    this.note(line)
  }

  /** Call this before the runner itself closes the tabs and the browser. */
  over(): void {
    this.isOver = true
  }

  /** The browser is gone, and all tabs with it. */
  browserGone(): void {
    if (this.isOver) return
    this.isBrowserGone = true
    this.problem('The browser has crashed or was killed')
    for (const tab of this.tabs.values()) tab.ending ??= 'gone'
  }

  /** Call this every LOOK_EVERY_MS. */
  look(): void {
    const step = this.ahead() - this.lastAhead
    this.lastAhead += step
    if (this.running && Math.abs(step) > CLOCK_STEP_MS)
      this.disturbed(`This machine's clock was set by ${seconds(step)}, or it was suspended`)
    const wasStalled = this.now() - this.lastLook > STALLED_AFTER_MS
    this.lastLook = this.now()
    if (wasStalled) return
    for (const [number, tab] of this.tabs) {
      const silence = this.now() - tab.lastSeen
      if (tab.ending !== undefined || silence < FROZEN_AFTER_MS) continue
      if (silence >= GIVEN_UP_AFTER_MS) {
        tab.ending = 'given up'
        this.timeOut(`Tab ${number} has been silent for ${seconds(silence)} and is given up`)
      } else if (tab.status?.phase === 'running') {
        tab.silent = true
        this.note(`Tab ${number} is frozen: it has been silent for ${seconds(silence)}`)
      }
    }
  }

  /** Whether every tab has ended, successfully or not. */
  get settled(): boolean {
    const areOpen = this.isBrowserGone || this.sum((tab) => tab.peers) === this.wanted
    return areOpen && [...this.tabs.values()].every(({ ending }) => ending !== undefined)
  }

  /** Whether the peers of all tabs are waiting for the start, or have started. */
  get ready(): boolean {
    return this.peers.ready === this.wanted
  }

  get running(): boolean {
    return [...this.tabs.values()].some(({ status }) => status?.phase === 'running')
  }

  get peers(): RunnerSample['peers'] {
    const sum = (key: 'ready' | 'done') => this.sum((tab) => tab.status?.peers[key] ?? 0)
    return { wanted: this.wanted, ready: sum('ready'), done: sum('done') }
  }

  get tabCounts(): RunnerSample['tabs'] {
    const crashed = this.sum((tab) => Number(tab.ending === 'gone'))
    return { open: this.tabs.size - crashed, crashed }
  }

  /** Totals of all tabs' reports. */
  get totals() {
    const sum = (key: 'connected' | 'messagesReceived' | 'messagesSent') =>
      this.sum((tab) => tab.status?.[key] ?? 0)
    const lateness = [...this.tabs.values()].map(({ status }) => status?.tickLatenessP95 ?? 0)
    return {
      // Both ends report each link; one to another runner's peer counts half here and half there.
      links: sum('connected') / 2,
      messagesReceived: sum('messagesReceived'),
      messagesSent: sum('messagesSent'),
      /** ms, for the worst tab. */
      tickLatenessP95: Math.max(0, ...lateness)
    }
  }

  /** Errors since the previous call, for the runner's sample. */
  takeErrors(): string[] {
    const errors = this.unsentErrors
    this.unsentErrors = []
    return errors
  }

  private fail(tab: number, ending: 'failed' | 'gone', why: string): void {
    const watched = this.tabs.get(tab)!
    if (watched.ending !== undefined) return
    watched.ending = ending
    this.problem(`Tab ${tab} ${why}`)
  }

  /**
   * Reports each problem once, ignoring the numbers in it: a page that throws at each tick does so sixty
   * times a second.
   */
  private note(line: string): void {
    const text = this.safe(line).slice(0, LIMITS.textLength)
    const gist = text.replace(/\d+/g, '#')
    if (this.said.has(gist)) return
    this.said.add(gist)
    this.tell(text)
    if (this.unsentErrors.length < ERRORS_PER_SAMPLE) this.unsentErrors.push(text)
  }

  /** Pages, which run a stranger's code, decide what errors say, but no line passes for the runner's own. */
  private safe(line: string): string {
    return printable(redact(line, this.token), { lines: true }).replaceAll('\n', '\n| ')
  }

  private sum(amount: (tab: WatchedTab) => number): number {
    return [...this.tabs.values()].reduce((total, tab) => total + amount(tab), 0)
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

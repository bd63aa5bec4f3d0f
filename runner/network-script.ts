/** Changes the links of tabs at the instants that a network's script specifies. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Network, Step } from '../options/network/network'

/** A tab's link, which the script changes. */
export interface ScriptedTab {
  /** Index of the part of the network that its peers belong to. */
  part: number
  setLink: (step: Step) => Promise<void>
}

export interface ScriptParts {
  /** ms since 1970 by the server's clock. */
  now: () => number
  signal: AbortSignal
  /** Receives one line for each step. */
  tell: (line: string) => void
}

/**
 * Plays a network's steps after the start at `startsAt` (server's clock, ms since 1970). Resolves after the
 * last one, or when `signal` aborts.
 */
export async function playScript(
  { parts }: Network,
  tabs: readonly ScriptedTab[],
  startsAt: number,
  { now, signal, tell }: ScriptParts
): Promise<void> {
  const steps = parts.flatMap(({ steps: [, ...later] }, part) => later.map((step) => ({ part, step })))
  steps.sort((one, other) => one.step.at - other.step.at)
  for (const { part, step } of steps) {
    const wait = startsAt + step.at - now()
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const own = tabs.filter((tab) => tab.part === part)
    await Promise.all(own.map(({ setLink }) => setLink(step)))
    if (own.length > 0) tell(`Network after ${step.at / 1000} s: ${step.text}${whose(part, parts.length)}`)
  }
}

const whose = (part: number, parts: number) => (parts === 1 ? '' : ` (part ${part + 1} of ${parts})`)

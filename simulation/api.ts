/**
 * A test in virtual time from a program: `import { simulate } from '…/simulation'`. The same as `peer-perf
 * simulate`, for tests of a library that must not flake.
 */
import { valueAt } from '../analysis/metrics-catalog'
import { kebab } from '../cli/surface'
import { plansOf, simulateCommand, simulateFlags } from './flags'
import { simulateAll } from './pool'
import { prepare } from './prepare'

/** The flags of `peer-perf simulate`, in camel case: `{ library: 'file:../my-peer', peers: 8, seed: 1 }`. */
export type SimulationOptions = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[]>
>

export interface SimulatedTest {
  seed: number
  /** Why the run failed: a page failed, or the library uses what is not simulated. Empty if it did not. */
  failures: readonly string[]
  /** Uncaught errors, of pages and of the Lighthouse. */
  errors: readonly string[]
  /** Why the figures are worth nothing (docs/validity.md). Empty if they are valid. */
  void: readonly string[]
  /** Digest of all packets: equal if every packet arrived at the same time with the same content. */
  packetLog: string
  packets: number
  virtualMs: number
  /** A figure by its path (docs/metrics.md), such as `delivery.position`; null if it is unknown. */
  metric: (path: string) => number | null
  /** The results document, as `peer-perf simulate` writes it. */
  document: object
}

/** Runs the seeds over all cores. Rejects with one line for a wrong option or a missing build. */
export async function simulate(
  options: SimulationOptions,
  signal: AbortSignal = new AbortController().signal
): Promise<SimulatedTest[]> {
  const command = simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  const flags = simulateFlags(command.parse(argumentsOf(options), { from: 'user' }))
  const plans = plansOf(flags, await prepare(flags.peerLibrary, () => undefined))
  const outcomes = await simulateAll(plans, { signal, threads: flags.threads })
  return outcomes.map(({ document, failures, errors, packetLog, packets, virtualMs }, index) => {
    const summary = document.summary!
    return {
      seed: plans[index]!.seed,
      ...{ failures, errors, packetLog, packets, virtualMs, document },
      void: summary.verdict === 'void' ? summary.reasons.map(({ rule }) => rule) : [],
      metric: (path) => valueAt(summary, path)
    }
  })
}

function argumentsOf(options: SimulationOptions): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const flag = `--${kebab(key)}`
    if (typeof value === 'boolean') return value ? [flag] : []
    return [value].flat().map((each) => `${flag}=${each}`)
  })
}

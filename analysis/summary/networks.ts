/** Describes the networks that a test's peers used. */
import type { Summary } from '../../protocol/summary'
import type { RunnerProvenance } from '../../protocol/runner-sample'

/** Networks other than the machine's own, each once: the runners of a test nearly always share one. */
export function networksOf({ provenance }: Pick<Summary, 'provenance'>): string[] {
  const networks = provenance.runners.map(({ network, pooledRates, peersPerTab }) =>
    network !== undefined && pooledRates ? `${network}, its rates pooled over ${peersPerTab} peers` : network
  )
  return [...new Set(networks)].filter((network) => network !== undefined)
}

/** Of the first runner that tells any, in ms since the start. Without `until`, one lasts to the end. */
export function outagesIn(
  provenances: readonly (RunnerProvenance | undefined)[]
): NonNullable<RunnerProvenance['outages']> {
  return provenances.find((provenance) => provenance?.outages)?.outages ?? []
}

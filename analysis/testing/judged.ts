/** Judges fake runs, and spoils the candidate's. */
import type { Summary } from '../../protocol/summary'
import type { Run } from '../comparison/run'
import { defaultGate } from '../gate/criteria'
import { judgeGate, type GateRequest } from '../gate/gate'
import type { Gate } from '../gate/result'

/** Judges paired runs by the default criteria. */
export const judge = (runs: Run[], request: Partial<GateRequest> = {}): Gate =>
  judgeGate({ criteria: defaultGate(), runs, design: 'paired', ...request })
/** Names of the criteria judged worse. */
export const worse = (gate: Gate) =>
  gate.criteria.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name)
export const criterion = (gate: Gate, name: string) => gate.criteria.find((each) => each.name === name)!

/** Multiplies the candidate's packets and bytes. */
export function withPackets(runs: Run[], factor: number): Run[] {
  for (const { variant, summary } of runs)
    if (variant === 1) {
      summary!.wire.packetsPerMessage! *= factor
      summary!.wire.bytesReceived *= factor
    }
  return runs
}

/** Changes one figure of every candidate's summary. */
export function withCandidate(runs: Run[], change: (summary: Summary, block: number) => void): Run[] {
  for (const { variant, summary, block } of runs) if (variant === 1) change(summary!, block!)
  return runs
}

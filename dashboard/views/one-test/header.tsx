import type { ComponentChildren } from 'preact'
import { chosen, count, dateTime } from '../../charts/format'
import { counted } from '../../../analysis/format'
import { libraryNames, networksOf } from '../../../analysis/summary/figures'
import { plainSentence } from '../../../analysis/summary/plain-sentence'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { TestModel } from '../../model/test-model'
import { Chip, Facts } from '../../pictures/parts'
import { Labels, SimulatedChip, ValidityChip } from '../parts'

export function Header({ model, actions }: { model: TestModel; actions: ComponentChildren }) {
  const state = model.state!
  const { summary } = model
  const { done, reporting } = state.peers
  // A test without a planned end, or without runners, runs until somebody finishes it.
  const areAllDone = state.state === 'running' && done > 0 && done >= reporting
  const facts = {
    Created: dateTime(state.createdAt),
    Planned: state.duration === undefined ? '' : chosen(state.duration),
    'Warm-up': chosen(state.warmup),
    Seed: state.seed,
    Library: summary ? libraryNames(summary).join(', ') : '',
    Routine: summary?.provenance.routines.join(', ') ?? '',
    Network: summary ? networksOf(summary).join(' / ') : '',
    Machine: [...new Set(summary?.provenance.runners.map(describeMachine))].join(', '),
    'Data points': count(Math.max(state.dataPointCount, model.pointCount))
  }
  return (
    <header class="test-header">
      <div class="heading">
        <h1 class="id">{state.id}</h1>
        {state.engine === 'simulation' && <SimulatedChip />}
        <Chip tone={`state-${state.state}`}>{state.state}</Chip>
        {summary && <ValidityChip summary={summary} />}
        {actions}
      </div>
      {summary && <p class="sentence">{plainSentence(summary)}</p>}
      {areAllDone && (
        <p class="banner" role="status">
          All peers are done. Press Finish to end the test and see its summary.
        </p>
      )}
      <Facts kind="facts" facts={Object.entries(facts).filter(([, value]) => value !== '')} />
      {Object.keys(state.labels).length > 0 && (
        <p class="labels">
          <Labels labels={state.labels} />
        </p>
      )}
    </header>
  )
}

/** E.g. `Chrome/156 on 2 cores of Intel Xeon`. */
function describeMachine({ browser, cores, cpuModel }: RunnerProvenance): string {
  return `${browser} on ${counted(cores, 'core')} of ${cpuModel}`
}

import type { ComponentChildren } from 'preact'
import { chosen, count, dateTime } from '../../charts/format'
import { networksOf } from '../../../analysis/summary/networks'
import { plainSentence } from '../../../analysis/summary/plain-sentence'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { TestState } from '../../../protocol/test-life'
import type { TestModel } from '../../model/test-model'
import { Labels, SimulatedChip, StateChip, ValidityChip } from '../chips'
import { libraryNames } from '../provenance'

export function Header({ model, actions }: { model: TestModel; actions: ComponentChildren }) {
  const state = model.state!
  const { summary } = model
  const routines = summary?.provenance.routines ?? []
  const networks = summary ? networksOf(summary) : []
  const libraries = summary ? libraryNames(summary) : ''
  const machines = [...new Set(summary?.provenance.runners.map(describeMachine))]
  return (
    <header class="test-header">
      <div class="heading">
        <h1 class="id">{state.id}</h1>
        {state.engine === 'simulation' && <SimulatedChip />}
        <StateChip state={state.state} />
        {summary && <ValidityChip summary={summary} />}
        {actions}
      </div>
      {summary && <p class="sentence">{plainSentence(summary)}</p>}
      {areAllDone(state) && (
        <p class="banner" role="status">
          All peers are done. Press Finish to end the test and see its summary.
        </p>
      )}
      <dl class="facts">
        <Fact name="Created">{dateTime(state.createdAt)}</Fact>
        {state.duration !== undefined && <Fact name="Planned">{chosen(state.duration)}</Fact>}
        <Fact name="Warm-up">{chosen(state.warmup)}</Fact>
        <Fact name="Seed">{state.seed}</Fact>
        {libraries !== '' && <Fact name="Library">{libraries}</Fact>}
        {routines.length > 0 && <Fact name="Routine">{routines.join(', ')}</Fact>}
        {networks.length > 0 && <Fact name="Network">{networks.join(' / ')}</Fact>}
        {machines.length > 0 && <Fact name="Machine">{machines.join(', ')}</Fact>}
        <Fact name="Data points">{count(Math.max(state.dataPointCount, model.pointCount))}</Fact>
      </dl>
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
  return `${browser} on ${cores} ${cores === 1 ? 'core' : 'cores'} of ${cpuModel}`
}

/** A test without a planned end, or without runners, runs until somebody finishes it. */
function areAllDone({ state, peers }: TestState): boolean {
  return state === 'running' && peers.done > 0 && peers.done >= peers.reporting
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

import type { ComponentChildren } from 'preact'
import { count, dateTime, duration } from '../../charts/format'
import type { TestModel } from '../../model/test-model'
import { Chip, StateChip, VerdictChip } from '../chips'
import { libraryNames } from '../provenance'

export function Header({ model, actions }: { model: TestModel; actions: ComponentChildren }) {
  const state = model.state!
  const { summary } = model
  const routines = summary?.provenance.routines ?? []
  return (
    <header class="test-header">
      <div class="heading">
        <h1 class="id">{state.id}</h1>
        <StateChip state={state.state} />
        {summary && <VerdictChip summary={summary} />}
        {actions}
      </div>
      <dl class="facts">
        <Fact name="Created">{dateTime(state.createdAt)}</Fact>
        {state.duration !== undefined && <Fact name="Planned">{duration(state.duration)}</Fact>}
        <Fact name="Warm-up">{duration(state.warmup)}</Fact>
        <Fact name="Seed">{state.seed}</Fact>
        {summary && <Fact name="Library">{libraryNames(summary)}</Fact>}
        {routines.length > 0 && <Fact name="Routine">{routines.join(', ')}</Fact>}
        <Fact name="Data points">{count(Math.max(state.dataPointCount, model.pointCount))}</Fact>
      </dl>
      {Object.keys(state.labels).length > 0 && (
        <p class="labels">
          {Object.entries(state.labels).map(([name, value]) => (
            <Chip key={name}>{`${name}: ${value}`}</Chip>
          ))}
        </p>
      )}
    </header>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

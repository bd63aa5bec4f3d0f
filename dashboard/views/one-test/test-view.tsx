/** A test as a page: live, replayed, or in a report. Shows only what the model has. */
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { KindChoice } from '../../model/series'
import type { TestModel } from '../../model/test-model'
import { momentOf } from '../../model/moment'
import { DeliverySection } from './delivery-section'
import { GroupTable } from './group-table'
import { Header } from './header'
import { MeshSection } from './mesh-section'
import { LatencySection, OverTime } from './over-time'
import { ErrorList, Reasons, RunnerTable } from './health'
import { Scrubber } from './scrubber'
import { SummarySection } from './summary-section'
import { Tiles } from './tiles'
import { Waiting } from './waiting'

interface TestViewProps {
  model: TestModel
  actions?: ComponentChildren
  /** Whether its server asks for a token. */
  needsToken?: boolean
}

export function TestView({ model, actions, needsToken = false }: TestViewProps) {
  /** ms; undefined: everything so far, and live if the test is still running. */
  const [until, setUntil] = useState<number>()
  const [kind, setKind] = useState<KindChoice>('all')
  const moment = useMemo(() => momentOf(model, until), [model.version, until])

  return (
    <article class="test">
      <Header model={model} actions={actions} />
      <Reasons reasons={model.reasons} />
      {!moment && <Waiting model={model} needsToken={needsToken} />}
      {moment && (
        <>
          <Tiles moment={moment} />
          <OverTime moment={moment} kind={kind} onKind={setKind} />
          <MeshSection moment={moment} />
          <div class="two-columns">
            <LatencySection moment={moment} kind={kind} onKind={setKind} />
            {model.isCrowd && <GroupTable moment={moment} />}
            {!model.isCrowd && <DeliverySection model={model} kind={kind === 'all' ? 'position' : kind} />}
          </div>
        </>
      )}
      {model.summary && <SummarySection summary={model.summary} />}
      <RunnerTable runners={[...model.runners.values()]} isOver={model.state?.state === 'finished'} />
      <ErrorList model={model} />
      {moment !== undefined && model.state?.state === 'finished' && (
        <Scrubber model={model} until={until} onChange={setUntil} />
      )}
    </article>
  )
}

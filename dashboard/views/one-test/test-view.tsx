/** A test as a page: live, replayed, or in a report. Shows only what the model has. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { duration } from '../../charts/format'
import type { KindChoice } from '../../model/series'
import type { TestModel } from '../../model/test-model'
import { momentOf } from '../../model/moment'
import { DeliverySection } from './delivery-section'
import { GroupTable } from './group-table'
import { Header } from './header'
import { MeshSection } from './mesh-section'
import { LatencySection, OverTime } from './over-time'
import { ErrorList, Reasons, RunnerTable } from './health'
import { Quiet } from '../parts'
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

/** A replay takes about this many seconds, or the test's own time if that is shorter. */
const REPLAY_SECONDS = 30
const STEP = 250

interface ScrubberProps {
  model: TestModel
  /** ms; undefined at the end. */
  until: number | undefined
  onChange: (until: number | undefined) => void
}

/** Replays a finished test: the whole page shows the test as it was at the selected time. */
function Scrubber({ model, until, onChange }: ScrubberProps) {
  const [playing, setPlaying] = useState(false)
  const from = model.timeline!.grid.origin
  const length = model.end - from
  const at = until ?? model.end

  useEffect(() => {
    if (!playing) return undefined
    const speed = Math.max(1, length / 1000 / REPLAY_SECONDS)
    const timer = setTimeout(() => {
      const next = at + STEP * speed
      if (next >= model.end) setPlaying(false)
      onChange(next >= model.end ? undefined : next)
    }, STEP)
    return () => clearTimeout(timer)
  }, [playing, at])

  return (
    <div class="scrubber" role="group" aria-label="Replay">
      <Quiet
        aria-pressed={playing}
        onClick={() => {
          if (!playing && until === undefined) onChange(from)
          setPlaying(!playing)
        }}
      >
        {playing ? 'Pause' : 'Replay'}
      </Quiet>
      <input
        type="range"
        aria-label="Time of the test"
        aria-valuetext={duration((at - from) / 1000)}
        min={0}
        max={length}
        step={length / 500}
        value={at - from}
        onInput={(event) => {
          const value = Number(event.currentTarget.value)
          setPlaying(false)
          onChange(value >= length * 0.999 ? undefined : from + value)
        }}
      />
      <output>{`${duration((at - from) / 1000)} / ${duration(length / 1000)}`}</output>
    </div>
  )
}

/** Replays a finished test: the whole page shows the test as it was at the selected time. */
import { useEffect, useState } from 'preact/hooks'
import { duration } from '../../charts/format'
import type { TestModel } from '../../model/test-model'
import { Quiet } from '../parts'

/** A replay takes about this many seconds, or the test's own time if that is shorter. */
const REPLAY_SECONDS = 30
const STEP = 250

interface ScrubberProps {
  model: TestModel
  /** ms; undefined at the end. */
  until: number | undefined
  onChange: (until: number | undefined) => void
}

export function Scrubber({ model, until, onChange }: ScrubberProps) {
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

/** Whether the figures can be trusted: broken rules, the machines, and their errors. */
import { bytes, count, dateTime, percent } from '../../charts/format'
import type { RunnerRecord, TestModel } from '../../model/test-model'
import type { Reason } from '../../../protocol/summary'
import { numberColumn, Table } from '../../pictures/parts'

const RUNNER_COLUMNS = [
  { title: 'Runner', kind: 'id' },
  { title: 'State' },
  ...['Peers', 'Tabs', 'CPU, last sample', 'Throttled', 'Memory, last sample', 'Of that, browser'].map(
    numberColumn
  )
]

export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  return (
    <div aria-live="polite">
      {reasons.length > 0 && (
        <section class="reasons" aria-labelledby="reasons">
          <h2 id="reasons">Do not trust these figures</h2>
          <ul>
            {reasons.map(({ subject, what, why, advice }) => (
              <li key={what}>
                <b>{what}</b>
                {subject !== undefined && !what.includes(subject) && <span class="id"> {subject}</span>}
                <p>
                  {why} <em>{advice}</em>
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** More rows would be read by nobody. */
const RUNNERS_LISTED = 20

/** `isOver`: the test is finished, so that a runner's last sample no longer says what it does. */
export function RunnerTable({ runners, isOver }: { runners: RunnerRecord[]; isOver: boolean }) {
  if (runners.length === 0) return null
  const listed =
    runners.length > RUNNERS_LISTED
      ? [...runners].sort((a, b) => b.last.cpu.usage - a.last.cpu.usage).slice(0, RUNNERS_LISTED)
      : runners
  return (
    <section aria-labelledby="runners">
      <h2 id="runners">Runners</h2>
      {runners.length > listed.length && (
        <p class="unit">
          The {listed.length} busiest of {count(runners.length)}, which have{' '}
          {count(runners.reduce((sum, { last }) => sum + last.peers.ready, 0))} peers ready and{' '}
          {count(runners.reduce((sum, { last }) => sum + last.tabs.crashed, 0))} crashed tabs.
        </p>
      )}
      <Table
        label="Runners"
        kind="plain"
        columns={RUNNER_COLUMNS}
        rows={listed.map(({ last: { runnerId, state, peers, tabs, cpu, memory } }) => [
          runnerId,
          isOver && state !== 'finished' && state !== 'failed' ? `ended while ${state}` : state,
          `${count(peers.ready)}/${count(peers.wanted)}`,
          `${count(tabs.open)}${tabs.crashed > 0 ? ` (${tabs.crashed} crashed)` : ''}`,
          percent(cpu.usage),
          percent(cpu.throttled),
          bytes(memory.used),
          bytes(memory.browser || null)
        ])}
      />
    </section>
  )
}

export function ErrorList({ model: { errors, errorCount } }: { model: TestModel }) {
  if (errors.length === 0) return null
  return (
    <section aria-labelledby="errors">
      <h2 id="errors">Errors</h2>
      {errorCount > errors.length && (
        <p class="unit">
          Listed: {errors.length} of {count(errorCount)}.
        </p>
      )}
      <ul class="errors">
        {errors.map(({ at, subject, text }, i) => (
          <li key={i}>
            <time class="hint" dateTime={new Date(at).toISOString()}>
              {dateTime(at)}
            </time>{' '}
            <span class="id">{subject}</span>
            <pre>{text}</pre>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What a row of tests says of a test: its name, creation time and labels, and its builds. */
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { dateTime } from '../charts/format'
import { testHref } from '../router'
import { Labels, SimulatedChip } from './chips'

export function TestName({ test: { id, engine, createdAt, labels } }: { test: TestEntry }) {
  return (
    <>
      <a href={testHref(id)}>{id}</a>
      <span class="hint">
        {engine === 'simulation' && <SimulatedChip />}
        <time dateTime={new Date(createdAt).toISOString()}>{dateTime(createdAt)}</time>
        <Labels labels={labels} />
      </span>
    </>
  )
}

/** E.g. "decentraland-katalyst-peer 0.2.20"; several names if a test mixed builds. */
export function libraryNames({ provenance }: Summary): string {
  return provenance.libraries.map(({ name, version }) => `${name} ${version}`).join(', ')
}

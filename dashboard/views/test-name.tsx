/** The first cell of a test's row: name, creation time, labels. */
import type { TestEntry } from '../../protocol/test-life'
import { dateTime } from '../charts/format'
import { testHref } from '../router'
import { Labels, SimulatedChip } from './chips'

export function TestName({ test: { id, engine, createdAt, labels } }: { test: TestEntry }) {
  return (
    <th scope="row" class="name">
      <a href={testHref(id)}>{id}</a>
      <span class="hint">
        {engine === 'simulation' && <SimulatedChip />}
        <time dateTime={new Date(createdAt).toISOString()}>{dateTime(createdAt)}</time>
        <Labels labels={labels} />
      </span>
    </th>
  )
}

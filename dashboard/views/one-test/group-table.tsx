import { useMemo } from 'preact/hooks'
import { sum } from '../../../analysis/distribution'
import { amount, count, milliseconds } from '../../charts/format'
import type { PeerColumns } from '../../model/columns'
import type { Moment } from '../../model/moment'
import { numberColumn, Table } from '../../pictures/parts'

/** Those that receive least come first: a group in trouble is among them. */
const GROUPS_LISTED = 20

export function GroupTable({ moment }: { moment: Moment }) {
  const groups = useMemo(() => rowsOf(moment), [moment])
  const listed = groups.slice(0, GROUPS_LISTED)
  return (
    <section aria-labelledby="groups">
      <h2 id="groups">Groups</h2>
      <p class="unit">
        This test has more peers than a page can tell apart: groups take their place, from when the page was
        opened. Groups hear only themselves.
        {groups.length > listed.length &&
          ` Listed: the ${listed.length} of ${groups.length} that receive least.`}
      </p>
      <Table
        label="Groups"
        kind="plain"
        columns={[
          { title: 'Group', kind: 'id' },
          ...['Peers', 'Received/s per peer', 'Latency p95', 'Links per peer'].map(numberColumn)
        ]}
        rows={listed.map(({ id, size, received, latency, links }) => [
          id,
          count(size),
          amount(received),
          milliseconds(latency),
          amount(links)
        ])}
      />
    </section>
  )
}

function rowsOf({ model, recent, count: end }: Moment) {
  return [...model.peers.values()]
    .map(({ id, size, columns }) => {
      const valuesOf = (name: keyof PeerColumns) => columns?.[name].subarray(recent, end) ?? []
      const presence = sum(valuesOf('presence'))
      return {
        id,
        size,
        received: (sum(valuesOf('received')) / presence) * 1000,
        latency: Math.max(0, ...valuesOf('latencyP95')) || undefined,
        links: sum(valuesOf('links')) / presence
      }
    })
    .sort((a, b) => (a.received || 0) - (b.received || 0))
}

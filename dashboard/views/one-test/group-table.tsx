/** The groups of a large test, by what they did in the last ten seconds. */
import { useMemo } from 'preact/hooks'
import { amount, count, milliseconds } from '../../charts/format'
import type { Moment } from '../../model/moment'
import { Scroll } from '../scroll'
import { Head, numberColumn } from '../../pictures/parts'

/** Those that receive least come first: a group in trouble is among them. */
const GROUPS_LISTED = 20
const RECENT = 10_000
const NOTHING = new Float32Array()

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
      <Scroll label="Groups">
        <table class="plain">
          <Head
            columns={[
              { title: 'Group' },
              ...['Peers', 'Received/s per peer', 'Latency p95', 'Links per peer'].map(numberColumn)
            ]}
          />
          <tbody>
            {listed.map(({ id, size, received, latency, links }) => (
              <tr key={id}>
                <th scope="row" class="id">
                  {id}
                </th>
                <td class="number">{count(size)}</td>
                <td class="number">{amount(received)}</td>
                <td class="number">{milliseconds(latency)}</td>
                <td class="number">{amount(links)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function rowsOf({ model, count: end, timeline }: Moment) {
  const first = Math.max(0, end - Math.ceil(RECENT / timeline.grid.width))
  return [...model.peers.values()]
    .map(({ id, size, columns }) => {
      const sum = (column: Float32Array = NOTHING) =>
        column.subarray(first, end).reduce((total, value) => total + value, 0)
      const presence = sum(columns?.presence)
      return {
        id,
        size,
        received: (sum(columns?.received) / presence) * 1000,
        latency: Math.max(0, ...(columns?.latencyP95.subarray(first, end) ?? [])) || undefined,
        links: sum(columns?.links) / presence
      }
    })
    .sort((a, b) => (a.received || 0) - (b.received || 0))
}

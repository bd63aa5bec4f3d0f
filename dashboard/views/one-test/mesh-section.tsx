import { useMemo, useState } from 'preact/hooks'
import { amount, bytes, milliseconds } from '../../charts/format'
import { describeMesh, ForceGraph } from '../../charts/force-graph'
import type { Moment } from '../../model/moment'
import { greatest, perPeer } from '../../model/series'
import type { PeerRecord } from '../../model/test-model'
import { chart, ChartGrid, line, type Chart } from '../../charts/time-chart'
import { Select } from '../parts'

const COLOURINGS = ['component', 'load'] as const

export function MeshSection({ moment }: { moment: Moment }) {
  const { model, at } = moment
  const [colouring, setColouring] = useState<(typeof COLOURINGS)[number]>('component')
  const [selected, setSelected] = useState<string>()
  const mesh = useMemo(() => model.mesh.at(at, model.interval), [moment])
  const loads = useMemo(() => (colouring === 'load' ? loadsOf(moment) : undefined), [moment, colouring])
  const noun = model.isCrowd ? 'group' : 'peer'
  const peer = selected === undefined ? undefined : model.peers.get(selected)

  return (
    <section aria-labelledby="mesh">
      <div class="heading">
        <h2 id="mesh">Mesh</h2>
        <Select label="Colour by" value={colouring} options={COLOURINGS} onChange={setColouring} />
        <Select
          label={model.isCrowd ? 'Group' : 'Peer'}
          value={selected ?? ''}
          options={['', ...[...model.peers.keys()].sort()]}
          onChange={(id) => setSelected(id || undefined)}
        />
      </div>
      <div class={peer ? 'mesh with-peer' : 'mesh'}>
        <figure>
          <ForceGraph mesh={mesh} noun={noun} loads={loads} selected={selected} onSelect={setSelected} />
          <figcaption>
            <b class="mesh-count">{describeMesh(mesh, noun)}</b>
            <ul class="legend">
              <li>
                <span class="swatch" style="--swatch: var(--link)" /> link
              </li>
              <li>
                <span class="swatch dashed" style="--swatch: var(--two)" /> one-sided
              </li>
              <li>
                <span class="swatch dotted" style="--swatch: var(--bad)" /> broken
              </li>
              <li>{colouring === 'load' ? 'stronger: receives more' : 'a colour per component'}</li>
            </ul>
          </figcaption>
        </figure>
        {peer && <PeerPanel peer={peer} moment={moment} />}
      </div>
    </section>
  )
}

function PeerPanel({ peer, moment }: { peer: PeerRecord; moment: Moment }) {
  const charts = useMemo(() => peerCharts(peer), [peer])
  const finalResults = moment.model.finalResults.get(peer.id)
  const { library } = finalResults ?? {}
  return (
    <section class="peer" aria-label={`${moment.model.isCrowd ? 'Group' : 'Peer'} ${peer.id}`}>
      <h3 class="id">{peer.id}</h3>
      <p class="hint">
        {[
          finalResults && `number ${finalResults.number}`,
          peer.size > 1
            ? `${peer.size} peers; the figures are of a mean peer`
            : peer.group && `group ${peer.group}`,
          finalResults?.routine,
          library && `${library.name} ${library.version}`
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {charts.length > 0 && <ChartGrid charts={charts} moment={moment} />}
      {charts.length === 0 && <p class="empty">Only the first thousand peers have charts of their own.</p>}
    </section>
  )
}

export function peerCharts({ columns }: PeerRecord): Chart[] {
  if (columns === undefined) return []
  const rate = (column: Float32Array) => (bucket: number) => perPeer(columns, column)(bucket) * 1000
  const known = (column: Float32Array) => (bucket: number) => (column[bucket]! > 0 ? column[bucket]! : null)
  return [
    chart('Its messages', 'per second', amount, [
      line('received', 'one', rate(columns.received)),
      line('sent', 'two', rate(columns.sent))
    ]),
    chart('Its latency', 'of what it received', milliseconds, [
      line('p50', 'one', known(columns.latencyP50)),
      line('p95', 'two', known(columns.latencyP95))
    ]),
    chart('Its duplicates and relays', 'per second', amount, [
      line('duplicates', 'two', rate(columns.duplicates)),
      line('relayed packets', 'one', rate(columns.relayed))
    ]),
    chart('Its connections', 'open', amount, [line('connections', 'one', perPeer(columns, columns.links))]),
    chart('Its traffic', 'bytes per second', bytes, [
      line('received', 'one', rate(columns.bytesReceived)),
      line('sent', 'two', rate(columns.bytesSent))
    ]),
    chart('Its tick lateness', 'p95', milliseconds, [
      line('p95', 'one', greatest(columns, columns.latenessP95))
    ])
  ]
}

/** What each peer receives, as a share of the busiest peer's. */
function loadsOf({ model, count }: Moment): Map<string, number> {
  const rates = [...model.peers.values()].map(({ id, columns }): [string, number] => [
    id,
    columns === undefined ? 0 : perPeer(columns, columns.packetsReceived)(count - 1) || 0
  ])
  const most = Math.max(1e-9, ...rates.map(([, rate]) => rate))
  return new Map(rates.map(([id, rate]) => [id, rate / most]))
}

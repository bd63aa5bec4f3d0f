/** The summary's figures: exact, where the charts are estimates. */
import { amount, count, milliseconds, percent } from '../../charts/format'
import type { Summary } from '../../../protocol/summary'
import { Scroll } from '../scroll'

const ROWS = ['position', 'profile', 'chat', 'all'] as const

export function SummarySection({ summary }: { summary: Summary }) {
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">Summary</h2>
      <Scroll label="Summary by kind">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Messages</th>
              {['Sent', 'Received', 'Delivery', 'Duplicates', 'p50', 'p95', 'p99', 'Max'].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ROWS.map((kind) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                <td class="number">{count(summary.sent[kind])}</td>
                <td class="number">{count(summary.received[kind])}</td>
                <td class="number">{percent(summary.delivery[kind])}</td>
                <td class="number">{count(summary.duplicates[kind])}</td>
                <td class="number">{milliseconds(summary.latency[kind]?.p50)}</td>
                <td class="number">{milliseconds(summary.latency[kind]?.p95)}</td>
                <td class="number">{milliseconds(summary.latency[kind]?.p99)}</td>
                <td class="number">{milliseconds(summary.latency[kind]?.max)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Thresholds summary={summary} />
      <dl class="facts wide">
        {factsOf(summary).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Thresholds({ summary: { thresholds } }: { summary: Summary }) {
  if (thresholds.length === 0) return null
  return (
    <Scroll label="Thresholds">
      <table class="plain">
        <caption>Thresholds</caption>
        <tbody>
          {thresholds.map(({ expression, value, passed }) => (
            <tr key={expression}>
              <th scope="row">
                <code>{expression}</code>
              </th>
              <td class="number">{amount(value)}</td>
              <td>
                <span class={`chip ${passed ? 'good' : 'warn'}`}>{passed ? 'met' : 'missed'}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function factsOf(summary: Summary): [string, string][] {
  const { wire, connection, mesh, machine } = summary
  return [
    ['Packets per message', amount(wire.packetsPerMessage)],
    ['Packets per peer-second', amount(wire.packetsPerPeerSecond)],
    ['First connection p95', milliseconds(connection.first?.p95)],
    ['Fourth connection p95', milliseconds(connection.fourth?.p95)],
    ['Components', count(mesh.components)],
    ['Time to full mesh', milliseconds(mesh.timeToFullMesh)],
    ['Connections p50', amount(mesh.degree?.p50)],
    ['Path length p95', amount(mesh.pathLength?.p95)],
    ['One-sided links', count(mesh.asymmetricLinks)],
    ['Relay inequality', amount(mesh.relayShareGini)],
    ['Clock error', milliseconds(summary.latencyClockError)],
    ['Start skew', milliseconds(summary.startSkew)],
    ['CPU, worst runner', percent(machine.cpuUsageMax)],
    ['CPU per peer-second', milliseconds(machine.cpuMsPerPeerSecond)]
  ]
}

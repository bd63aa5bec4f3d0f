import { counted } from '../format'
import { meantGroups } from '../mesh/mesh-timeline'
import { findingOn, rule, type Finding, type Rule } from './facts'
import { VALIDITY } from './limits'

/** Was it one mesh, and did it work at all? */
export const MESH_RULES: readonly Rule[] = [
  rule('dead-receiver', 'build-or-machine', ({ peers, summary }) => {
    const dead = peers.filter(
      (peer) =>
        peer.openConnections > 0 &&
        peer.presentMs >= VALIDITY.deadAfterMs &&
        summary.sent.all > peer.sent &&
        (peer.packetsReceived === 0 || peer.received === 0)
    )
    const deaf = dead.every(({ packetsReceived }) => packetsReceived > 0)
    return findingOn(dead, (named) => ({
      what: deaf
        ? `${named} received packets, but not one message.`
        : `${named} had open connections and received nothing.`,
      why: 'A peer that looks connected and hears nothing means that the mesh, or this build in this page, does not work.',
      advice: deaf
        ? decodingAdvice(summary.errors.first)
        : 'Look at the data channels of this page, and whether the others’ lists of connections name it.'
    }))
  }),
  rule('split-mesh', 'build-or-machine', ({ state, summary, peakPeers, splitShare }) => {
    const meant = meantGroups(peakPeers)
    const { groups, components, componentsMax } = summary.mesh
    if (state.state === 'created' || (state.state === 'running' && splitShare === 0)) return undefined
    const findings: Finding[] = []
    if ((groups ?? 0) > meant) {
      findings.push({
        what: `The peers ended in ${groups} layers or islands where ${counted(meant, 'was', 'were')} meant.`,
        why: 'Peers of different groups never hear each other: this is several small tests, not one.',
        advice:
          'Place the peers nearer to each other (islands), or use one layer and a fresh Lighthouse (layers).'
      })
    }
    if ((components ?? 0) > meant || splitShare > 0.5) {
      findings.push({
        what:
          splitShare > 0.5
            ? `The mesh was split for most of the time, into up to ${componentsMax} parts.`
            : `The mesh was in ${components} parts at the end.`,
        why: 'Messages cannot cross from one part to another: delivery and latency are those of smaller meshes.',
        advice:
          'Look whether all pages reach each other (ICE candidates, network) and use the identical Lighthouse URL.'
      })
    }
    return findings
  })
]

function decodingAdvice(thrown: string | null): string {
  return thrown !== null
    ? `The build threw "${thrown.split('\n')[0]!}": mend that first.`
    : 'The library throws away what it cannot decode: is long wired into its protobufjs, and do all peers speak one protocol version?'
}

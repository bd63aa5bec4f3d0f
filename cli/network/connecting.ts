/** What keeps peers on a network from connecting, known before a test starts. */
import type { Behaviour } from '../behaviour'
import { canTraverse } from './link'
import { pathOf, type Network } from './network'
import { parseNetwork } from './parse'

/** From the first candidate to an open channel: ICE, DTLS 1.3 and SCTP, as measured in Chromium 156. */
export const HANDSHAKE_ROUND_TRIPS = 3.5

/** The peer library's default (its constants.ts). */
const GIVES_UP_AFTER_MS = 3500

export const namesTurnServer = (iceServers: readonly object[] = []) =>
  /"turns?:/i.test(JSON.stringify(iceServers))

type Conditions = Pick<Behaviour, 'network' | 'peerConfig'>

/** One line that says what to change; undefined if all peers can connect in time. */
export function connectingTrouble({ network: text, peerConfig = {} }: Conditions): string | undefined {
  const network = parseNetwork(text)
  // As timers take it: what is no number is no time at all.
  return hidden(network) ?? slow(network, Number(peerConfig.peerConnectTimeout ?? GIVES_UP_AFTER_MS) || 0)
}

function hidden({ parts }: Network): string | undefined {
  const nats = [...new Set(parts.map(({ steps }) => steps[0].link.nat))]
  const pairs = nats.flatMap((one) => nats.map((other) => [one, other] as const))
  const [one, other] = pairs.find((pair) => !canTraverse(...pair)) ?? []
  if (one === undefined) return undefined
  const routers = one === other ? `${one} routers` : `routers that are ${one} and ${other}`
  return `Peers behind ${routers} cannot connect to each other without TURN`
}

function slow(network: Network, limit: number): string | undefined {
  const indexes = [...network.parts.keys()]
  const needs = indexes.flatMap((from) =>
    indexes.map((to) => {
      const roundTrip = pathOf(network, from, to, 0).delay + pathOf(network, to, from, 0).delay
      return { from, to, need: HANDSHAKE_ROUND_TRIPS * roundTrip }
    })
  )
  const { from, to, need } = needs.reduce((most, each) => (each.need > most.need ? each : most))
  if (need <= limit) return undefined
  const [one, other] = [from, to].map((part) => network.parts[part]!.steps[0].text)
  const who = one === other ? one : `${one} and ${other}`
  const enough = Math.ceil(need / 5000) * 15_000
  return (
    `Two peers on ${who} need about ${(need / 1000).toFixed(1)} s to connect, and the peer library gives up after ` +
    `${limit / 1000} s: add --peer-config '{"peerConnectTimeout":${enough}}'`
  )
}

import type { SeededRandom } from '../../protocol/random'
import type { ConnectionRegistry } from '../network/connection-registry'
import type { FetchPage } from '../network/http'
import type { ConnectionPage, SimPeerConnection } from '../network/peer-connection'
import type { SocketPage } from '../network/socket'

type Computing = 'URL' | 'URLSearchParams' | 'TextEncoder' | 'TextDecoder' | 'atob' | 'btoa'

/** What a page's browser gets from the simulation. The page itself cannot reach it. */
export type Host = Omit<BrowserPage, 'refuse'> & {
  /** Notes that the page used something that is not simulated: the run fails. */
  refuse: (name: string, stack: string) => void
}

export interface BrowserPage extends SocketPage, FetchPage, Pick<ConnectionPage, 'network' | 'onPacket'> {
  random: SeededRandom
  /** ms for which each timer's callback keeps the thread busy. */
  costOfTimer: number
  registry: ConnectionRegistry<SimPeerConnection>
  /** Notes an error that a browser would report in its console. */
  report: (error: unknown) => void
  print: (text: string) => void
  /** Node's classes that only compute. */
  node: Pick<typeof globalThis, Computing> & { inspect: (value: unknown) => string }
}

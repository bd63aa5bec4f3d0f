/** An empty page in virtual time, to try code in it. */
import { inspect } from 'node:util'
import { parseNetwork } from '../../options/network/parse'
import { SeededRandom } from '../../protocol/random'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from '../network/connection-registry'
import { MACHINE_DELAY } from '../network/machine'
import type { SimPeerConnection } from '../network/peer-connection'
import { SimNetwork } from '../network/sim-network'
import { bundleBrowser } from '../world/bundles'
import { Realm } from '../world/realm'
import { answerOf } from './probes'

export interface Answered {
  answer: string
  /** Names that the code used and that are not simulated. */
  refused: string[]
}

/** Runs the body of an async function in a new page, until it has answered. */
export async function askSimulatedPage(code: string): Promise<Answered> {
  const time = new VirtualTime()
  const thread = new Thread(time)
  const refused: string[] = []
  const report = (error: unknown) => {
    throw error as Error
  }
  const network = new SimNetwork(time, {
    seed: 1,
    network: parseNetwork('perfect'),
    numberOf: () => 0,
    costOfPacket: 0,
    hasFaults: false
  })
  const realm = new Realm(await bundleBrowser(), {
    thread,
    network,
    random: new SeededRandom(1),
    costOfTimer: 0,
    url: 'http://localhost:8080/',
    registry: new ConnectionRegistry<SimPeerConnection>(),
    onPacket: () => undefined,
    sockets: new Map(),
    servers: new Map(),
    way: () => time.now + MACHINE_DELAY,
    refuse: (name) => refused.push(name),
    report,
    print: () => undefined,
    node: { URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, inspect }
  })
  // The compiler of tests keeps the names of functions by such a helper.
  const program = `const __name = (value) => value; return (${answerOf.toString()})(${JSON.stringify(code)})`
  let answer: string | undefined
  time.at(0, () => {
    void (realm.run(program, 'probe.js') as Promise<string>).then((text) => {
      answer = text
    }, report)
  })
  await time.run(() => answer !== undefined)
  return { answer: answer ?? 'no answer', refused }
}

/** An empty page in virtual time, to try code in it. */
import { inspect } from 'node:util'
import { parseNetwork } from '../../cli/network/parse'
import { SeededRandom } from '../../protocol/random'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from '../network/connection-registry'
import type { Request } from '../network/http'
import { MACHINE_DELAY } from '../network/machine'
import type { SimPeerConnection } from '../network/peer-connection'
import { SimNetwork } from '../network/sim-network'
import { bundleOwn } from '../world/bundles'
import { Realm } from '../world/realm'
import { answerProbe } from './probe-server'
import { answerOf } from './probes'

export interface Answered {
  answer: string
  /** Names that the code used and that are not simulated. */
  refused: string[]
  /** Errors of which the browser's console would tell. */
  reported: unknown[]
}

/** A server that is down is asked nothing. */
function unreachable(): never {
  throw new Error('A server that is down was asked')
}

/** Runs the body of an async function in a new page, until it has answered. */
export async function askSimulatedPage(code: string): Promise<Answered> {
  const time = new VirtualTime()
  const thread = new Thread(time)
  const refused: string[] = []
  const reported: unknown[] = []
  const network = new SimNetwork(time, {
    seed: 1,
    network: parseNetwork('perfect'),
    numberOf: () => 0,
    costOfPacket: 0,
    hasFaults: false
  })
  const way = () => time.now + MACHINE_DELAY
  const serve = (request: Request) => Promise.resolve(answerProbe(request))
  const server = { thread, serve, isUp: () => true, way }
  const realm = new Realm(await bundleOwn('browser'), {
    thread,
    network,
    random: new SeededRandom(1),
    costOfTimer: 0,
    url: 'http://localhost:8080/',
    registry: new ConnectionRegistry<SimPeerConnection>(),
    onPacket: () => undefined,
    sockets: new Map([['ws://127.0.0.1:1', { thread, accept: unreachable, admits: () => false }]]),
    servers: new Map([
      // It goes down while requests are under way.
      ['http://gone.invalid', { thread, serve: () => Promise.reject(new Error()), isUp: () => true, way }],
      ['http://nobody.invalid', { thread, serve: unreachable, isUp: () => false, way }],
      ['http://localhost:8080', server],
      ['http://127.0.0.1:8080', server]
    ]),
    way,
    refuse: (name) => refused.push(name),
    report: (error) => reported.push(error),
    print: () => undefined,
    node: { URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, inspect }
  })
  // The compiler of tests keeps the names of functions by such a helper.
  const program = `const __name = (value) => value; return (${answerOf.toString()})(${JSON.stringify(code)})`
  let answer: string | undefined
  time.at(0, () => {
    void (realm.run(program, 'probe.js') as Promise<string>).then(
      (text) => {
        answer = text
      },
      (error: unknown) => reported.push(error)
    )
  })
  await time.run(() => answer !== undefined)
  return { answer: answer ?? 'no answer', refused, reported: [...reported, ...time.errors] }
}

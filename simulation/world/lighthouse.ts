/** The Lighthouse of a simulation. It can go down and come back without its state, as after a restart. */
import { SOCKETS_PATH } from '../../lighthouse/peers'
import { SeededRandom } from '../../protocol/random'
import { Thread } from '../engine/thread'
import type { VirtualTime } from '../engine/virtual-time'
import type { Answer, Request } from '../network/http'
import type { ServerSocket } from '../network/socket'
import type { LighthouseInMemory, openLighthouse } from './lighthouse-entry'
import { nodeGlobals, runBundle } from './sandbox'

export class SimLighthouse {
  readonly thread: Thread
  private readonly open: () => LighthouseInMemory
  private current: LighthouseInMemory | undefined
  /** Peers that have connected so far. */
  readonly ids = new Set<string>()
  private isKeptOut: (id: string) => boolean = () => false
  private readonly sockets: { socket: ServerSocket; id: string }[] = []

  /** `code` is the bundled program. */
  constructor(code: string, time: VirtualTime, random: SeededRandom) {
    this.thread = new Thread(time)
    const globals = nodeGlobals(this.thread, random)
    const bundle = runBundle(code, 'lighthouse.js', globals) as { openLighthouse: typeof openLighthouse }
    this.open = bundle.openLighthouse
    this.current = this.open()
  }

  readonly isUp = (): boolean => this.current !== undefined

  readonly admits = (url: URL): boolean =>
    this.isUp() && url.pathname === SOCKETS_PATH && !this.isKeptOut(idIn(url))

  readonly accept = (socket: ServerSocket, url: URL): void => {
    const id = idIn(url)
    this.ids.add(id)
    this.sockets.push({ socket, id })
    this.current!.accept(socket, url)
  }

  readonly serve = (request: Request): Promise<Answer> =>
    this.current ? this.current.serve(request) : Promise.reject(new TypeError('Failed to fetch'))

  /** As if its process was killed: its connections end, and it tells nobody about the others. */
  goAway(): void {
    this.current?.close()
    this.current = undefined
    for (const { socket } of this.sockets.splice(0)) socket.vanish()
  }

  comeBack(): void {
    this.current ??= this.open()
  }

  /**
   * Ends the connections of the peers whose ids `isMeant` selects, and admits them no more. Their requests
   * over HTTP change nothing: a peer needs a connection for that.
   */
  keepOut(isMeant: (id: string) => boolean): void {
    this.isKeptOut = isMeant
    for (const { socket, id } of this.sockets) if (isMeant(id)) socket.terminate()
  }
}

const idIn = (url: URL): string => url.searchParams.get('id') ?? ''

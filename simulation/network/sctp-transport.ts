/** `RTCPeerConnection.sctp`, as soon as a connection has a description. */
import { Emitter, LISTENED } from './emitter'

/** What Chromium offers and accepts in its session descriptions, in bytes. */
export const LARGEST_MESSAGE = 262_144
const MOST_CHANNELS = 65_535

/** What the transport tells of its connection. */
type Progress = Record<'isDescribed' | 'isConnected' | 'isClosed', boolean>

export class SctpTransport extends Emitter {
  readonly #progress: () => Progress
  readonly #refuse: (name: string) => never

  constructor(progress: () => Progress, refuse: (name: string) => never) {
    super()
    this.#progress = progress
    this.#refuse = refuse
  }

  get state(): 'connecting' | 'connected' | 'closed' {
    const { isConnected, isClosed } = this.#progress()
    if (isClosed) return 'closed'
    return isConnected ? 'connected' : 'connecting'
  }
  /** Null until both ends are described. */
  get maxMessageSize(): number | null {
    return this.#progress().isDescribed ? LARGEST_MESSAGE : null
  }
  get maxChannels(): number | null {
    return this.#progress().isConnected ? MOST_CHANNELS : null
  }

  /** The event never happens here: nobody may wait for it. */
  protected override [LISTENED](type: string): void {
    if (type === 'statechange') this.#refuse("RTCSctpTransport's statechange")
  }
}

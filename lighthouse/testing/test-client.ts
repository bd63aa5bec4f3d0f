import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Lighthouse } from '../app'

export interface Message {
  type: string
  src?: string
  dst?: string
  payload?: Record<string, unknown>
}

/** A peer library reduced to its socket: keeps what arrives, and sends whatever a test wants. */
export class TestClient {
  readonly messages: Message[] = []
  readonly closed: Promise<unknown>

  private constructor(
    readonly socket: WebSocket,
    readonly lighthouse: Lighthouse,
    readonly id: string,
    readonly token: string
  ) {
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as Message))
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.once('close', resolve))
  }

  /** Opens a socket with exactly this query and does nothing more. */
  static async open(lighthouse: Lighthouse, query: string, id = '', token = ''): Promise<TestClient> {
    const socket = new WebSocket(`${lighthouse.url.replace('http', 'ws')}/peerjs${query}`)
    const client = new TestClient(socket, lighthouse, id, token)
    await once(socket, 'open')
    return client
  }

  /** Opens a socket and goes through the handshake. */
  static async connect(lighthouse: Lighthouse, id: string, token = `token-of-${id}`): Promise<TestClient> {
    const client = await TestClient.open(lighthouse, `?key=peerjs&id=${id}&token=${token}`, id, token)
    client.send({ type: 'VALIDATION', payload: 'signature' })
    await client.receive('VALIDATION_OK')
    return client
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  heartbeat(position?: number[], extras: object = {}): void {
    this.send({ type: 'HEARTBEAT', payload: { connectedPeerIds: [], position, ...extras } })
  }

  /**
   * Waits for the first message of this type and takes it off the list, with everything that came before it.
   */
  async receive(type: string): Promise<Message> {
    for (let waited = 0; waited < 5000; waited += 5) {
      const index = this.messages.findIndex((message) => message.type === type)
      if (index >= 0) return this.messages.splice(0, index + 1).at(-1)!
      await delay(5)
    }
    throw new Error(`${this.id}: no ${type} came, but ${JSON.stringify(this.messages)}`)
  }

  /** Waits until the Lighthouse has processed everything that this client has sent. */
  async settle(): Promise<void> {
    this.send({ type: 'VALIDATION', payload: 'signature' })
    for (let waited = 0; waited < 5000; waited += 5) {
      const index = this.messages.findIndex((message) => message.type === 'VALIDATION_OK')
      if (index >= 0) {
        this.messages.splice(index, 1)
        return
      }
      await delay(5)
    }
    throw new Error(`${this.id}: the Lighthouse does not answer`)
  }

  /** The types of the messages that have arrived and have not been taken. */
  types(): string[] {
    return this.messages.map(({ type }) => type)
  }

  async request(method: string, path: string, body?: object, token = this.token): Promise<Answer> {
    const response = await fetch(this.lighthouse.url + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-peer-token': token }
    })
    return { status: response.status, body: (await response.json()) as unknown }
  }

  joinLayer(layer: string): Promise<Answer> {
    return this.request('PUT', `/layers/${layer}`, { ...this.identity(), protocolVersion: 4 })
  }

  joinRoom(layer: string, room: string): Promise<Answer> {
    return this.request('PUT', `/layers/${layer}/rooms/${room}`, this.identity())
  }

  identity() {
    return { id: this.id, userId: this.id, peerId: this.id }
  }
}

export interface Answer {
  status: number
  body: unknown
}

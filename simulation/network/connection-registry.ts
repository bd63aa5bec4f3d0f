/** All peer connections of a simulation and their owners, so that two pages can find each other. */

/** A description in a frame to the Lighthouse names a connection; the socket that sends it names the peer. */
const DESCRIBED = /"sdp":"sim:(\d+)\b/

export class ConnectionRegistry<Connection> {
  /** By id. */
  readonly connections: Connection[] = []
  private readonly owners: (string | undefined)[] = []

  add(connection: Connection): number {
    return this.connections.push(connection) - 1
  }

  /** Id of the peer that described this connection; until then, a placeholder. */
  ownerOf(id: number): string {
    return this.owners[id] ?? `connection ${id}`
  }

  /** Learns from a peer's frames to the Lighthouse which connections it owns. */
  readonly noteFrame = (socketUrl: string, text: string): void => {
    const described = DESCRIBED.exec(text)
    if (!described) return
    const owner = new URL(socketUrl).searchParams.get('id')
    if (owner !== null) this.owners[Number(described[1])] ??= owner
  }
}

import type { Peer } from './peers'

/** How many ids to remember; the oldest entry is dropped first. */
const MAX_PLACES = 10_000

/**
 * Where layers peers are, by id. Like the real Lighthouse, this one stores positions separately from
 * connections. A position announced before the peer is in a layer is lost, and an id that comes back keeps
 * its old position until it announces a new one.
 */
export class Places {
  readonly #places = new Map<string, Pick<Peer, 'position' | 'parcel'>>()

  note({ id, position, parcel }: Peer): void {
    this.#places.delete(id)
    this.#places.set(id, { position, parcel })
    const [oldest] = this.#places.keys()
    if (oldest !== undefined && this.#places.size > MAX_PLACES) this.#places.delete(oldest)
  }

  /** Gives a peer the last position of its id. */
  restore(peer: Peer): void {
    const { position, parcel } = this.#places.get(peer.id) ?? {}
    peer.position = position
    peer.parcel = parcel
  }
}

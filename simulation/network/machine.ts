/**
 * The way of a packet through the machine, before any network. Chromium's threads carry the packets of all
 * connections between two pages one after the other, so nearly all of them arrive in the order of sending.
 * This matters: the copy of a message that arrives first decides which peer relays it. The figures below were
 * fitted to the order of arrival in Chromium (12 peers, deduplicated messages, three seeds).
 */
import type { Thread } from '../engine/thread'
import type { SeededRandom } from '../../protocol/random'

/** ms that every packet takes. */
export const MACHINE_DELAY = 1
/** Mean of the exponentially distributed additional delay, in ms. Whoever waits holds up those behind it. */
const JITTER = 0.2
/** Share of the packets that lose their place in the order, and by how many ms on average. */
const LATE = { share: 0.05, by: 0.3 }
/** ms between two packets: only enough to keep their order, because machines are infinitely fast. */
const GAP = 1e-6

/** The packets of all connections from one page to another. */
class Passage {
  private last = 0

  arrival(now: number, random: SeededRandom): number {
    this.last = Math.max(this.last + GAP, now + MACHINE_DELAY + JITTER * random.exponential())
    return random.number() < LATE.share ? this.last + LATE.by * random.exponential() : this.last
  }
}

export class Machine {
  private readonly passages = new Map<Thread, Map<Thread, Passage>>()

  /** From one page to another, or to itself. */
  passage(from: Thread, to: Thread): Passage {
    const fromHere = this.passages.get(from) ?? new Map<Thread, Passage>()
    this.passages.set(from, fromHere)
    const passage = fromHere.get(to) ?? new Passage()
    fromHere.set(to, passage)
    return passage
  }
}

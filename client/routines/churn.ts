import type { RoutineDefinition } from '../routine'
import { timetable } from './parts/pacer'
import { createSender, USUAL_RATES } from './parts/sender'

export const churn: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place, random, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const positionAt = () => place
    let isHere = false
    // Alternates between how long the peer stays and how long it is away.
    const turnsDue = timetable(() => {
      isHere = !isHere
      return isHere ? random.uniform(10_000, 30_000) : random.uniform(2000, 6000)
    })
    let isPresent = true
    return (elapsed, _delta, peer) => {
      for (const at of turnsDue(elapsed)) {
        send(at, peer, positionAt)
        if (isPresent) peer.leave()
        else peer.comeBack()
        isPresent = !isPresent
      }
      send(elapsed, peer, positionAt)
    }
  }
}

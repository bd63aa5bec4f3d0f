import type { RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'
import { timetable } from './parts/timetable'

export const churn: RoutineDefinition = {
  description: 'leaves after 10 to 30 s and comes back as a new peer 2 to 6 s later; sends as stand does',
  rates: USUAL_RATES,
  create({ place, random, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const positionAt = () => place
    let isHere = false
    // By turns: how long it stays, how long it is away.
    const turns = timetable(() => {
      isHere = !isHere
      return isHere ? random.uniform(10_000, 30_000) : random.uniform(2000, 6000)
    })
    let isPresent = true
    return (elapsed, _delta, peer) => {
      for (const at of turns.due(elapsed)) {
        send(at, peer, positionAt)
        if (isPresent) peer.leave()
        else peer.comeBack()
        isPresent = !isPresent
      }
      send(elapsed, peer, positionAt)
    }
  }
}

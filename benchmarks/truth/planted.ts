/** What the gate must say of each planted build in virtual time. */
import { planted, type PlantedName } from '../../client/builds/testing/planted-builds'
import type { Fault } from './faults'

/** What throws while it loads is not here: it does not run, which ends the comparison with exit code 1. */
const EXPECTED: Record<Exclude<PlantedName, 'throwsatload'>, Fault['expected']> = {
  chat50: 'delivery',
  profile5: 'delivery',
  // In a join of 1.1 s, what comes 3 s late does not come.
  chatlate: ['latency', 'delivery'],
  profilelate: 'latency',
  late8ms: 'latency',
  jitterbuffer: 'latency',
  dup: 'delivery',
  // Impossible figures make every run void, which counts as a lost attempt.
  echo: 'stability',
  echo10loss: 'stability',
  altertime: 'stability',
  bitflip: 'stability',
  ownwebrtc: 'stability',
  slowjoin: 'connecting',
  throw: 'errors',
  heartbeat: 'traffic',
  http5: 'traffic',
  relay1: 'delivery',
  relay2: 'delivery',
  'bytes1.5': 'traffic',
  suppress: 'pass',
  otherdraws: 'pass',
  splitmesh: 'stability',
  neverconnects: 'stability',
  slowclock: 'stability'
}

export const PLANTED_FAULTS: readonly Fault[] = [
  { name: 'unchanged', says: 'the same build', expected: 'pass', replace: [] },
  ...Object.entries(EXPECTED).map(([name, expected]): Fault => {
    return { ...planted(name as PlantedName), says: name, expected }
  })
]

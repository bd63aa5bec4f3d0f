import { parsePlan, type StoredPlan } from '../plan'

export const STORED_PLAN: StoredPlan = {
  id: 'mine',
  command: 'compare',
  madeAt: 0,
  variants: ['layers', 'layers'],
  common: {},
  blocks: 1,
  seed: 1,
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand' },
  primary: 'latency.position.p95',
  secondary: [],
  margin: 0.03
}

export const SAMPLE_PLAN = parsePlan(STORED_PLAN)

import type { Plan } from '../plan'

export const SAMPLE_PLAN: Plan = {
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

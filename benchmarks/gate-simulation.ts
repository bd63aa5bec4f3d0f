/** The table about the release gate in docs/statistics.md: how often it keeps what its words promise. */
import { EQUAL, simulateGates, simulateSequential, type World } from '../analysis/gate/monte-carlo'
import { seededRandom } from '../analysis/statistics/random'

type Table = (title: string, columns: string[], fill: (row: (...cells: string[]) => void) => void) => void

const MAX_BLOCKS = 24
/** Up to 24 blocks, and up to 36 if those leave it undecided. */
const RESUMED = [MAX_BLOCKS, 36]
/** Not used to choose anything about the gate. */
const SEED = 20_261_128
const HARSH: Partial<World> = { noise: 'heavy-tailed', drift: 0.15, bursts: 0.1, losses: 0.02 }

const cpu = (ratio: number): Partial<World> => ({ change: { 'machine.cpuMsPerDelivered': ratio } })
const latency = (ratio: number): Partial<World> => ({ change: { 'latencyOwed.position.p95': ratio } })

const TRUTHS: { name: string; world: Partial<World>; stages?: number[] }[] = [
  { name: 'equal', world: {} },
  { name: 'equal, twice the spread', world: { scatter: 2 } },
  { name: 'equal, harsh', world: HARSH },
  { name: 'equal, harsh, one after the other', world: { ...HARSH, isSerial: true } },
  { name: 'CPU +3%', world: cpu(1.03) },
  { name: 'CPU +10%', world: cpu(1.1) },
  { name: 'CPU +5%, the margin', world: cpu(1.05) },
  { name: 'CPU +5%, resumed once', world: cpu(1.05), stages: RESUMED },
  { name: 'latency p95 +10%, the margin', world: latency(1.1) },
  { name: 'half of the runs lost', world: { change: { losses: 0.5 } } }
]

/** Shares of simulated comparisons. */
export function printGate(table: Table, trials: number): void {
  const columns = ['truth', 'pass', 'worse', 'undecided', 'blocks (mean)']
  table(`The gate, up to ${MAX_BLOCKS} blocks, resumed up to ${RESUMED.at(-1)!}`, columns, (row) => {
    for (const { name, world, stages = [MAX_BLOCKS] } of TRUTHS) {
      const random = seededRandom(SEED)
      const rates = simulateGates(trials, () => simulateSequential({ ...EQUAL, ...world }, stages, random))
      row(name, ...[rates.pass, rates.worse, rates.undecided].map(percent), rates.blocks.toFixed(1))
    }
  })
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`
}

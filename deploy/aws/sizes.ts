/** What each task gets, and what that costs. One place, so that the stack and the cost note cannot disagree. */

/** CPU in Fargate units (1024 are one virtual CPU) and memory in MiB: pairs that Fargate offers. */
export interface TaskSize {
  cpu: number
  memoryMiB: number
}

export const SIZES = {
  /** One busy core takes the data points of some thousand peers (docs/scale.md). */
  resultsServer: { cpu: 1024, memoryMiB: 4096 },
  lighthouse: { cpu: 512, memoryMiB: 1024 },
  /** Ten peers in the browser, with room to spare: a task that is short of CPU voids the test. */
  client: { cpu: 2048, memoryMiB: 4096 }
} as const satisfies Record<string, TaskSize>

/** US dollars per hour, us-east-1, Linux on x86: https://aws.amazon.com/fargate/pricing/ and …/vpc/pricing/ (public IPv4). */
const PRICES = { vCpu: 0.04048, gigabyte: 0.004445, publicAddress: 0.005 }

/** US dollars that one task costs in an hour. */
export function costPerHour({ cpu, memoryMiB }: TaskSize): number {
  return (cpu / 1024) * PRICES.vCpu + (memoryMiB / 1024) * PRICES.gigabyte + PRICES.publicAddress
}

/** US dollars per hour while the lab stands, tests or not. */
export const STANDING_COST_PER_HOUR = costPerHour(SIZES.resultsServer) + costPerHour(SIZES.lighthouse)

/**
 * US dollars of one test's client tasks. Fargate bills by the second and at least a minute; the image's download and the
 * mesh's formation take about two minutes more than the test.
 */
export function testCost(tasks: number, durationSeconds: number): number {
  return (tasks * costPerHour(SIZES.client) * (durationSeconds + 120)) / 3600
}

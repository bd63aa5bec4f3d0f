/** The size and cost of each task, in one place, so that the stack and the cost estimate cannot disagree. */

import { CLIENT_SIZE } from '../../experiments/fleet/aws-lab'

/** CPU in Fargate units (1024 is one vCPU) and memory in MiB: combinations that Fargate offers. */
export interface TaskSize {
  cpu: number
  memoryMiB: number
}

export const SIZES = {
  /** One core handles the data points of a few thousand peers (docs/calibration.md). */
  resultsServer: { cpu: 1024, memoryMiB: 4096 },
  lighthouse: { cpu: 512, memoryMiB: 1024 },
  /** Room to spare: a task that runs short of CPU makes the test void. */
  client: CLIENT_SIZE
} as const satisfies Record<string, TaskSize>

/**
 * US dollars per hour, us-east-1, Linux on x86: https://aws.amazon.com/fargate/pricing/ and …/vpc/pricing/
 * (public IPv4).
 */
const PRICES = { vCpu: 0.04048, gigabyte: 0.004445, publicAddress: 0.005 }

/** US dollars per hour for one task. */
export function costPerHour({ cpu, memoryMiB }: TaskSize): number {
  return (cpu / 1024) * PRICES.vCpu + (memoryMiB / 1024) * PRICES.gigabyte + PRICES.publicAddress
}

/** US dollars per hour while the lab exists, with or without tests. */
export const STANDING_COST_PER_HOUR = costPerHour(SIZES.resultsServer) + costPerHour(SIZES.lighthouse)

/**
 * US dollars for one test's client tasks. Fargate bills by the second, for at least one minute. Pulling the
 * image and forming the mesh take about two minutes in addition to the test.
 */
export function testCost(tasks: number, durationSeconds: number): number {
  return (tasks * costPerHour(SIZES.client) * (durationSeconds + 120)) / 3600
}

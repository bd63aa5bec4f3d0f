/** Runs one small simulation with loss and churn, and prints digests of its results, for run-elsewhere.ts. */
import { createHash } from 'node:crypto'
import { planOf } from '../plan'
import { prepare } from '../prepare'
import { simulate } from '../simulate'
import { bundlePrograms } from '../world/bundles'

export interface Digests {
  node: string
  /** SHA-256 of the results document as JSON. */
  document: string
  packetLog: string
  packets: number
}

async function main(): Promise<Digests> {
  const builds = await prepare('layers', () => undefined)
  const plan = planOf({
    peers: 6,
    seed: 5,
    builds,
    duration: 10,
    warmup: 2,
    routine: 'loops:4,churn:2',
    network: 'wifi-lossy:4,4g:2',
    peersPerPage: 3
  })
  const { document, packetLog, packets } = await simulate(plan, await bundlePrograms())
  const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex')
  return { node: process.version, document: digest, packetLog, packets }
}

main().then(
  (digests) => console.log(JSON.stringify(digests)),
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  }
)

/** A misspelt option is refused in virtual time, too, where it would change nothing. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PlainProgress } from '../cli/progress'
import { prepareVariants } from './simulated-bench'
import { parseVariant } from './variant'
import { VirtualProbe } from './virtual-probe'

const WRONG = 'layers?maxConections=3'
const progress = new PlainProgress(() => undefined)

async function bisects(allowUnknownOptions: boolean, build: string): Promise<unknown> {
  const probe = new VirtualProbe({
    ...{ metric: 'wire.packetsPerMessage', common: {}, seed: 1, questions: 1, allowUnknownOptions },
    setting: { peers: 2, peersPerTab: 2, duration: 1, warmup: 0, routine: 'stand' },
    signal: AbortSignal.abort(new Error('it would run')),
    tell: () => undefined
  })
  try {
    return await probe.differ(build, build)
  } finally {
    probe.close()
  }
}
const compares = (allowUnknownOptions: boolean, build: string) =>
  prepareVariants({ variants: [parseVariant(build)], allowUnknownOptions }, progress)

it('a comparison in virtual time refuses an option that the build does not declare', async () => {
  await assert.rejects(compares(false, WRONG), {
    name: 'UserError',
    message: /Did you mean "maxConnections"\?/
  })
  assert.equal((await compares(true, WRONG)).length, 1)
  assert.equal((await compares(false, 'layers?maxConnections=3')).length, 1)
})

it('a bisection in virtual time refuses it as well', async () => {
  await assert.rejects(bisects(false, WRONG), {
    name: 'UserError',
    message: /Did you mean "maxConnections"\?/
  })
  await assert.rejects(bisects(true, WRONG), /it would run/)
  await assert.rejects(bisects(false, 'layers?maxConnections=3'), /it would run/)
})

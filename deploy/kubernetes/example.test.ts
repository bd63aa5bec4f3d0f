import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { parse } from 'yaml'
import { layOut } from '../../runner/capacity/layout'

interface Kustomization {
  configMapGenerator: { literals: string[] }[]
  patches: { patch: string }[]
}

it('the example starts no more peers than its containers can carry', () => {
  const { configMapGenerator, patches } = parse(
    readFileSync(join(__dirname, 'overlays/example/kustomization.yaml'), 'utf8')
  ) as Kustomization
  const variables = Object.fromEntries(
    configMapGenerator[0]!.literals.map((literal) => literal.split('=') as [string, string])
  )
  const containers = (parse(patches[0]!.patch) as { path: string; value: number }[]).map(({ value }) => value)
  const peers = Number(variables.EXPECTED_PEERS)
  const peersEach = Number(variables.PEERS_COUNT)

  assert.deepEqual(containers, [peers / peersEach, peers / peersEach])
  const { obstacle } = layOut(
    { peers, messageTypes: variables.MESSAGE_TYPES as 'deduplicated', mesh: 'usual' },
    { count: containers[0]!, cores: 2 }
  )
  assert.equal(obstacle, undefined)
})

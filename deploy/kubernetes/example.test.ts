import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { parse } from 'yaml'
import { estimate } from '../../scale/estimate'

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
  const { peersPerContainer = 0 } = estimate({
    peers,
    group: 100,
    messageTypes: variables.MESSAGE_TYPES as 'deduplicated',
    mesh: 'usual',
    duration: Number(variables.TEST_DURATION),
    interval: 2
  })
  assert.ok(
    peersEach <= peersPerContainer,
    `${peersEach} peers a container, of which ${peersPerContainer} fit`
  )
})

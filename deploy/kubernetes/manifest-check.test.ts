import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { manifestFaults } from './manifest-check'

const server = readFileSync(join(__dirname, 'base/results-server.yaml'), 'utf8')

describe('the Kubernetes manifests', () => {
  for (const file of manifests()) {
    it(`${file} uses known keys of known kinds`, () => {
      assert.deepEqual(manifestFaults(file, readFileSync(join(__dirname, file), 'utf8')), [])
    })
  }
})

describe('the check of manifests', () => {
  for (const { fault, from, to, says } of [
    {
      fault: 'a misspelt key',
      from: 'replicas:',
      to: 'replcas:',
      says: /"replcas".*StatefulSetSpec/
    },
    {
      fault: 'one deep inside',
      from: 'readOnlyRootFilesystem',
      to: 'readonlyRootFilesystem',
      says: /readonlyRootFilesystem/
    },
    {
      fault: 'one in the wrong place',
      from: 'replicas: 1',
      to: 'restartPolicy: Never',
      says: /restartPolicy.*StatefulSetSpec/
    },
    {
      fault: 'a value of the wrong type',
      from: 'replicas: 1',
      to: 'replicas: one',
      says: /string.*number/
    },
    {
      fault: 'a kind that there is not',
      from: 'kind: StatefulSet',
      to: 'kind: StatefulSets',
      says: /no exported member.*StatefulSets/
    },
    {
      fault: 'a group that there is not',
      from: 'apps/v1',
      to: 'apps/v7',
      says: /kubernetes-types\/apps\/v7/
    },
    {
      fault: 'a document without a kind',
      from: 'kind: StatefulSet',
      to: 'sort: StatefulSet',
      says: /lacks apiVersion or kind/
    },
    { fault: 'broken YAML', from: 'spec:', to: 'spec: {', says: /server\.yaml: / }
  ]) {
    it(`finds ${fault}`, () => {
      assert.ok(server.includes(from))
      const faults = manifestFaults('server.yaml', server.replace(from, to))
      assert.ok(faults.length > 0)
      assert.match(faults.join('\n'), says)
    })
  }
})

/** All manifests except kustomizations, which are not cluster objects: e2e/containers builds those. */
function manifests(): string[] {
  return ['base', 'grafana', 'overlays/example'].flatMap((folder) =>
    readdirSync(join(__dirname, folder))
      .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
      .map((name) => join(folder, name))
  )
}

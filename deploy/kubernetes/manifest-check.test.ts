import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { manifestFaults } from './manifest-check'

const clients = readFileSync(join(__dirname, 'base/clients.yaml'), 'utf8')

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
      from: 'parallelism:',
      to: 'paralelism:',
      says: /"paralelism".*JobSpec/
    },
    {
      fault: 'one deep inside',
      from: 'readOnlyRootFilesystem',
      to: 'readonlyRootFilesystem',
      says: /readonlyRootFilesystem/
    },
    {
      fault: 'one in the wrong place',
      from: 'backoffLimit: 0',
      to: 'restartPolicy: Never',
      says: /restartPolicy.*JobSpec/
    },
    {
      fault: 'a value of the wrong type',
      from: 'parallelism: 3',
      to: 'parallelism: three',
      says: /string.*number/
    },
    {
      fault: 'a kind that there is not',
      from: 'kind: Job',
      to: 'kind: Jobs',
      says: /no exported member.*Jobs/
    },
    {
      fault: 'a group that there is not',
      from: 'batch/v1',
      to: 'batch/v7',
      says: /kubernetes-types\/batch\/v7/
    },
    {
      fault: 'a document without a kind',
      from: 'kind: Job',
      to: 'sort: Job',
      says: /lacks apiVersion or kind/
    },
    { fault: 'broken YAML', from: 'spec:', to: 'spec: {', says: /clients\.yaml: / }
  ]) {
    it(`finds ${fault}`, () => {
      assert.ok(clients.includes(from))
      const faults = manifestFaults('clients.yaml', clients.replace(from, to))
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

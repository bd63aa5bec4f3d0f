import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseAllDocuments, type YAMLMap, type YAMLSeq } from 'yaml'
import { manifestFaults } from './testing/manifest-check'

describe('the Kubernetes manifests', () => {
  for (const file of manifests()) {
    it(`${file} uses known keys of known kinds`, () =>
      assert.deepEqual(manifestFaults(file, readFileSync(join(__dirname, file), 'utf8')), []))
  }
})

it('the check of manifests finds a misspelt key deep inside', () => {
  const server = readFileSync(join(__dirname, 'base/results-server.yaml'), 'utf8')
  const faults = manifestFaults('server', server.replace('readOnlyRootFilesystem', 'readonlyRootFilesystem'))
  assert.match(faults.join('\n'), /readonlyRootFilesystem/)
})

it('InfluxDB, which has no authentication, is closed to the pods of runners', () => {
  const documents = parseAllDocuments(readFileSync(join(__dirname, 'base/influxdb.yaml'), 'utf8'))
  const policy = documents.find((document) => document.get('kind') === 'NetworkPolicy')!
  const allowed = policy.getIn(['spec', 'ingress', 0, 'from']) as YAMLSeq<YAMLMap>
  const path = ['podSelector', 'matchLabels', 'app.kubernetes.io/name']
  assert.deepEqual(
    allowed.items.map((each) => each.getIn(path)),
    ['results-server', 'grafana']
  )
})

/** All manifests except kustomizations, which are not cluster objects: e2e/containers builds those. */
function manifests(): string[] {
  return ['base', 'grafana', 'overlays/example'].flatMap((folder) =>
    readdirSync(join(__dirname, folder))
      .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
      .map((name) => join(folder, name))
  )
}

/**
 * Tests the Kubernetes manifests as kustomize builds them, and runs the Job in Podman, because no cluster is
 * available.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { manifestFaults } from '../../deploy/kubernetes/manifest-check'
import { REPOSITORY, run, succeed, until } from './docker'
import { TOKENS } from './lab'

interface Manifest {
  kind: string
  metadata: { name: string }
  spec?: Record<string, unknown>
}

const IMAGES = ['client', 'server'].map((name) => `catalyst-peer/${name}`)
const NETWORK = 'kubernetes-e2e'
const BRIDGE = 'kube-e2e'
/** Docker's daemon makes the kernel drop packets that other bridges forward. */
const FORWARDING = ['DOCKER-USER', '-i', BRIDGE, '-o', BRIDGE, '-j', 'ACCEPT']

describe('deploy/kubernetes', () => {
  let folder: string
  let example: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubernetes-e2e-'))
    cpSync(join(REPOSITORY, 'deploy/kubernetes'), folder, { recursive: true })
    example = join(folder, 'overlays/example')
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('asks for the tokens', async () => {
    const { code, output } = await run('kustomize', ['build', example])
    assert.notEqual(code, 0)
    assert.match(output, /tokens\.env/)
  })

  it('builds valid manifests', async () => {
    writeFileSync(join(example, 'tokens.env'), `control=${TOKENS.control}\nsubmit=${TOKENS.submit}\n`)
    const built = await succeed('kustomize', ['build', example])
    assert.deepEqual(manifestFaults('overlays/example', built), [])
    const job = parse(built).find(({ kind }) => kind === 'Job')
    assert.equal(job?.spec?.parallelism, 10)
    assert.equal(job.spec.completions, 10)
    assert.equal(job.spec.completionMode, 'Indexed')
  })

  describe('the Job, by Podman', () => {
    let podman: string[]

    before(async () => {
      // Uses a temporary store, which is removed afterwards.
      podman = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')]
      const archive = join(folder, 'images.tar')
      await succeed('docker', ['save', '--output', archive, ...IMAGES])
      await succeed('podman', [...podman, 'load', '--quiet', '--input', archive])
      rmSync(archive)
      await succeed('podman', [...podman, 'network', 'create', '--interface-name', BRIDGE, NETWORK])
      await succeed('iptables', ['-I', ...FORWARDING])
      await server('results-server', [
        `RESULTS_SERVER_TOKEN=${TOKENS.control}`,
        `RESULTS_SERVER_SUBMIT_TOKEN=${TOKENS.submit}`
      ])
      await server('lighthouse', ['PORT=9000'], ['node', 'lighthouse.js'])
    })
    after(async () => {
      await run('podman', [...podman, 'pod', 'rm', '--all', '--force', '--time', '1'])
      await run('podman', [...podman, 'rm', '--all', '--force', '--time', '1'])
      await run('podman', [...podman, 'network', 'rm', NETWORK])
      await run('iptables', ['-D', ...FORWARDING])
      await run('podman', [...podman, 'system', 'reset', '--force'])
    })

    it('creates its test and completes it', async () => {
      const overlay = join(folder, 'overlays/podman')
      writeOverlay(overlay)
      const manifests = parse(await succeed('kustomize', ['build', overlay])).filter(({ kind }) =>
        ['Job', 'ConfigMap', 'Secret'].includes(kind)
      )
      const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n')
      await succeed('podman', [...podman, 'kube', 'play', '--network', NETWORK, '-'], { input })
      const names = await succeed('podman', [...podman, 'ps', '--all', '--format', '{{.Names}}'])
      const client = names.split('\n').find((name) => name.endsWith('-client'))
      assert.ok(client, names)
      const code = await succeed('podman', [...podman, 'wait', client], { timeout: 120_000 })
      const { output } = await run('podman', [...podman, 'logs', client])
      assert.equal(code, '0', output)
      assert.match(output, /All 2 peers have submitted their results/)
      console.log('The Job ran by podman kube play.')
    })

    async function server(name: string, env: string[], command: string[] = []): Promise<void> {
      const variables = env.flatMap((variable) => ['--env', variable])
      await succeed('podman', [
        ...podman,
        'run',
        '--detach',
        '--network',
        NETWORK,
        '--name',
        name,
        ...variables,
        'localhost/catalyst-peer/server',
        ...command
      ])
      await until(`${name} answers`, 30_000, async () => {
        const { output } = await run('podman', [...podman, 'logs', name])
        return / at |Results server on/.test(output) || undefined
      })
    }
  })
})

/** One container with two peers, from existing images. */
function writeOverlay(overlay: string): void {
  cpSync(join(overlay, '../example'), overlay, { recursive: true })
  writeFileSync(
    join(overlay, 'kustomization.yaml'),
    `
resources: [../../base]
images: [${IMAGES.map((name) => `{ name: ${name}, newName: localhost/${name}, newTag: latest }`).join(', ')}]
secretGenerator: [{ name: results-server-tokens, envs: [tokens.env] }]
configMapGenerator:
  - name: test
    literals: [TEST_ID=podman, PEERS_COUNT=2, PEERS_PER_TAB=2, EXPECTED_PEERS=2, TEST_DURATION=8, RESULTS_SERVER_URL=http://results-server:9904, LIGHTHOUSE_URL=http://lighthouse:9000]
patches:
  - patch: |
      { apiVersion: batch/v1, kind: Job, metadata: { name: clients }, spec: { parallelism: 1, completions: 1 } }
`
  )
}

function parse(manifests: string): Manifest[] {
  return parseAllDocuments(manifests).map((document) => document.toJS() as Manifest)
}

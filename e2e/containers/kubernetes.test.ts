/**
 * Tests what kubectl does without a cluster: the manifests that it builds, and the objects that it would
 * create. Podman runs the pod of a runner.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { podOf } from '../../deploy/runners/kubernetes'
import { manifestFaults } from '../../deploy/kubernetes/testing/manifest-check'
import { REPOSITORY, run, succeed, until } from './docker'
import { TOKENS } from './lab'

interface Manifest {
  kind: string
  metadata: { name: string }
  spec?: Record<string, unknown>
}

const IMAGES = ['client', 'server'].map((name) => `catalyst-peer/${name}`)
/** A cluster refuses larger ones. */
const LARGEST_OBJECT = 2 ** 20
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
  after(() => rmSync(folder, { recursive: true }))

  it('asks for the tokens', async () => {
    const { code, output } = await run('kubectl', ['kustomize', example])
    assert.notEqual(code, 0)
    assert.match(output, /tokens\.env/)
  })

  it('builds valid manifests', async () => {
    writeFileSync(join(example, 'tokens.env'), `control=${TOKENS.control}\nsubmit=${TOKENS.submit}\n`)
    const built = await succeed('kubectl', ['kustomize', example])
    assert.deepEqual(manifestFaults('overlays/example', built), [])
    assert.ok(parse(built).some(({ kind }) => kind === 'StatefulSet'))
  })

  it('has room for the objects that docs/deploying.md creates of files', async () => {
    const page = readFileSync(join(REPOSITORY, 'docs/deploying.md'), 'utf8')
    const commands = [...page.matchAll(/^kubectl (.* create .*)$/gm)].map(([, words]) => words!)
    assert.ok(commands.length >= 4)
    for (const words of commands) {
      const built = await succeed('sh', ['-c', `kubectl ${words} --dry-run=client --output=yaml`])
      assert.match(built, /^kind: (ConfigMap|Secret)$/m)
      assert.ok(built.length < LARGEST_OBJECT, `${words}: ${built.length} bytes`)
    }
  })

  describe('the pod of a runner, by Podman', () => {
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

    it('runs, with its secret and volumes, to the end of a test', async () => {
      const test = { TEST_ID: 'podman', RESULTS_SERVER_URL: 'http://results-server:9904' }
      const creation = {
        ...test,
        RESULTS_SERVER_TOKEN: TOKENS.control,
        EXPECTED_PEERS: '2',
        TEST_DURATION: '8'
      }
      const variables = Object.entries(creation).flatMap(([name, value]) => ['--env', `${name}=${value}`])
      await succeed('podman', [
        ...podman,
        'exec',
        ...variables,
        'results-server',
        'node',
        'one-test.js',
        'create'
      ])
      const secret = parse(await succeed('kubectl', ['kustomize', example])).find(
        ({ kind }) => kind === 'Secret'
      )
      const pod = podOf(
        'podman',
        0,
        {
          node: 'node',
          slot: 0,
          variables: {
            ...test,
            LIGHTHOUSE_URL: 'http://lighthouse:9000',
            PEERS_COUNT: '2',
            PEERS_PER_TAB: '2'
          }
        },
        'localhost/catalyst-peer/client',
        secret!.metadata.name
      )
      const input = [secret, pod].map((manifest) => JSON.stringify(manifest)).join('\n---\n')
      await succeed('podman', [...podman, 'kube', 'play', '--network', NETWORK, '-'], { input })
      const names = await succeed('podman', [...podman, 'ps', '--all', '--format', '{{.Names}}'])
      const client = names.split('\n').find((name) => name.endsWith('-client'))
      assert.ok(client, names)
      const code = await succeed('podman', [...podman, 'wait', client], { timeout: 120_000 })
      const { output } = await run('podman', [...podman, 'logs', client])
      assert.equal(code, '0', output)
      assert.match(output, /All 2 peers have submitted their results/)
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

function parse(manifests: string): Manifest[] {
  return parseAllDocuments(manifests).map((document) => document.toJS() as Manifest)
}

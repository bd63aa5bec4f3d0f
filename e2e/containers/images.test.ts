/**
 * Tests the images on their own: their size, their contents, and their messages when something is missing.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { docker, run, type Outcome } from './docker'
import { Lab, TOKENS } from './lab'

const IMAGES = [
  { name: 'client', megabytes: 850 },
  { name: 'server', megabytes: 300 }
]

describe('the images', () => {
  for (const { name, megabytes } of IMAGES) {
    it(`catalyst-peer/${name} is small, labelled, and not root's`, async () => {
      const format = '{{.Size}} {{.Config.User}} {{index .Config.Labels "org.opencontainers.image.title"}}'
      const [size, user, ...title] = (
        await docker('image', 'inspect', '--format', format, `catalyst-peer/${name}`)
      ).split(' ')
      console.log(`catalyst-peer/${name}: ${Math.round(Number(size) / 1e6)} MB`)
      assert.ok(Number(size) < megabytes * 1e6, `${size} bytes`)
      assert.equal(user, 'node')
      assert.match(title.join(' '), /Catalyst/)
    })
  }

  it('catalyst-peer/server tells its health', async () => {
    const format = '{{json .Config.Healthcheck.Test}}'
    assert.match(await docker('image', 'inspect', '--format', format, 'catalyst-peer/server'), /status/)
  })
})

describe('docker-compose.yml', () => {
  const config = (env: Record<string, string>) =>
    run(
      'docker',
      ['compose', '--profile', 'charts', '--profile', 'test', '--profile', 'validity', 'config', '--quiet'],
      { env }
    )

  it('is valid in all its profiles', async () => {
    const { code, output } = await config({ RESULTS_SERVER_TOKEN: 'a', RESULTS_SERVER_SUBMIT_TOKEN: 'b' })
    assert.equal(code, 0, output)
    assert.equal(output, '')
  })

  it('names the token that is missing', async () => {
    const { code, output } = await config({ RESULTS_SERVER_TOKEN: 'a', RESULTS_SERVER_SUBMIT_TOKEN: '' })
    assert.notEqual(code, 0)
    assert.match(output, /RESULTS_SERVER_SUBMIT_TOKEN is missing a value: set it/)
  })
})

describe('a misconfigured container', () => {
  let lab: Lab
  let network: string

  before(async () => {
    lab = await Lab.start('errors-e2e')
    network = 'errors-e2e_default'
    await lab.server.createTest('waiting', { expectedPeers: 2, duration: 5, warmup: 1 })
  })
  after(() => lab.stop())

  const COMPLETE = {
    TEST_ID: 'waiting',
    RESULTS_SERVER_URL: 'http://results-server:9904',
    LIGHTHOUSE_URL: 'http://lighthouse:9000',
    PEERS_COUNT: '2',
    RESULTS_SERVER_SUBMIT_TOKEN: TOKENS.submit
  }

  for (const { given, variables, options = [], says } of [
    {
      given: 'no variables',
      variables: {},
      says: /TEST_ID is missing.*\n.*RESULTS_SERVER_URL is missing.*\n.*LIGHTHOUSE_URL is missing/
    },
    {
      given: 'a results server that is not there',
      variables: { ...COMPLETE, RESULTS_SERVER_URL: 'http://results-server:9999' },
      says: /results server is not reachable at http:\/\/results-server:9999/
    },
    {
      given: 'a Lighthouse that is not there',
      variables: { ...COMPLETE, LIGHTHOUSE_URL: 'http://lighthouse:9999' },
      says: /LIGHTHOUSE_URL http:\/\/lighthouse:9999 cannot be reached/
    },
    {
      given: 'a wrong token',
      variables: { ...COMPLETE, RESULTS_SERVER_SUBMIT_TOKEN: 'wrong' },
      says: /refuses the token.*set RESULTS_SERVER_SUBMIT_TOKEN/
    },
    {
      given: 'a test that there is not',
      variables: { ...COMPLETE, TEST_ID: 'nowhere' },
      says: /has no test "nowhere": create it/
    },
    {
      given: 'a disk that it cannot write',
      variables: COMPLETE,
      options: ['--read-only'],
      says: /cannot write its profile.*Read-only file system.*--tmpfs \/tmp/
    }
  ]) {
    it(`a client ends with 1 on ${given}`, async () => {
      const { code, output } = await client(variables, options)
      assert.match(output, says)
      assert.equal(code, 1, output)
      assert.doesNotMatch(output, /\n\s+at /, 'a stack')
    })
  }

  it('a client works with a read-only disk, 64 MB of /dev/shm and a writable /tmp', async () => {
    const { code, output } = await client(COMPLETE, ['--read-only', '--tmpfs', '/tmp', '--shm-size', '64m'])
    assert.equal(code, 0, output)
    assert.match(output, /\/dev\/shm is small/)
    assert.match(output, /All 2 peers have submitted their results/)
  })

  for (const { given, options, says } of [
    {
      given: 'no token',
      options: [],
      says: /HOST 0\.0\.0\.0 can be reached by others: set RESULTS_SERVER_TOKEN/
    },
    {
      given: 'a disk that it cannot write',
      options: [
        '--env',
        'RESULTS_SERVER_TOKEN=a',
        '--read-only',
        '--env',
        'TEST_RESULTS_LOCATION=/suite/results'
      ],
      says: /\/suite\/results/
    }
  ]) {
    it(`a results server ends with 1 on ${given}`, async () => {
      const { code, output } = await run('docker', [
        'run',
        '--rm',
        '--init',
        ...options,
        'catalyst-peer/server'
      ])
      assert.match(output, says)
      assert.equal(code, 1, output)
      assert.doesNotMatch(output, /\n\s+at /, 'a stack')
    })
  }

  function client(variables: Record<string, string>, options: string[]): Promise<Outcome> {
    const env = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    return run('docker', [
      'run',
      '--rm',
      '--init',
      '--network',
      network,
      ...env,
      ...options,
      'catalyst-peer/client'
    ])
  }
})

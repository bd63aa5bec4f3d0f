/**
 * What scripts, containers and bookmarks of the first version use: commands, flags, variables, routes and
 * page parameters. All of it must keep working. Add lines for new ones. Only tools of
 * this project's own developers may go.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseParameters } from '../client/parameters'
import { API, type Route } from '../protocol/api'
import { startCommand } from './support/command'

const ROOT = join(__dirname, '..')

/** Names of npm scripts. */
const SCRIPTS =
  'start test check server lighthouse devserver clients build compare report calibrate simulate bench ' +
  'history scale cloud:up cloud:run cloud:results cloud:down'

/**
 * Flags with valid values; all values of those that have only a few. `variables`: environment variables that
 * can be set instead.
 */
interface CommandLine {
  flags: string
  variables?: Record<string, string>
  json?: string
}

const CAMPAIGN =
  '--blocks 6 --peers 8 --duration 30 --warmup 5 --routine loops:8,churn:2 --peers-per-tab 4 --message-types faithful ' +
  '--message-types deduplicated --mesh usual --mesh full --metric latency.position.p95 ' +
  '--secondary delivery.position,wire.packetsPerMessage --margin 3% --margin 0.03 --seed 7 --id mine --resume mine ' +
  '--results-server-url http://localhost:9904 --lighthouse-url http://localhost:9000'

const COMMANDS: Record<string, CommandLine> = {
  run: {
    flags:
      '--peers 10 --duration 30 --warmup 5 --library layers --library islands --library decentraland-katalyst-peer@0.2.20 ' +
      '--routine stand --routine loops:8,churn:2 --message-types faithful --message-types deduplicated --mesh usual --mesh full ' +
      '--peers-per-tab 10 --seed 7 --threshold delivery.position>=0.99 --threshold latency.position.p95<200ms ' +
      '--label branch=main --id mine --lighthouse-port 9000 --server-port 9904 --page-port 7654 --open --keep-open ' +
      '--on compose --on ssh:hosts.txt --image client --address 10.0.0.5 --cpus 0.5 --plan ' +
      '--results-server-url http://localhost:9904 --lighthouse-url http://localhost:9000',
    json: '--peer-config',
    variables: { PEER_LIBRARY: 'islands' }
  },
  compare: {
    flags: `${CAMPAIGN} --baseline layers --candidate layers?maxConnections=3 --no-side-by-side --from a,b --to c,d --force`,
    json: '--peer-config'
  },
  history: {
    flags: `${CAMPAIGN} --library decentraland-katalyst-peer@0.2.12..0.2.20 --out folder --force`,
    json: '--peer-config'
  },
  report: {
    flags: 'a-test --out out.html --open --folder results --server http://localhost:9904 --token secret',
    variables: {
      TEST_RESULTS_LOCATION: 'results',
      RESULTS_SERVER_URL: 'http://localhost:9904',
      RESULTS_SERVER_TOKEN: 'secret'
    }
  },
  calibrate: {
    flags:
      '--library layers --library islands --routine stand --message-types faithful --message-types deduplicated ' +
      '--duration 10 --max-peers 200 --mesh full --peers 100 --machines 10 --cores 16'
  },
  server: {
    flags:
      '--port 0 --host 127.0.0.1 --folder results --durability fsync --durability write --token secret --submit-token secret ' +
      '--allowed-origins https://a.example,https://b.example --allowed-hosts a,b --dashboard folder ' +
      '--influx-url http://localhost:8086 --influx-database comms --influx-username me --influx-password secret ' +
      '--influx-token secret --runner-silence 15 --log-level info',
    variables: {
      PORT: '0',
      HOST: '127.0.0.1',
      TEST_RESULTS_LOCATION: 'results',
      DURABILITY: 'write',
      RESULTS_SERVER_TOKEN: 'secret',
      RESULTS_SERVER_SUBMIT_TOKEN: 'secret',
      ALLOWED_ORIGINS: 'https://a.example,null',
      ALLOWED_HOSTS: 'a,b',
      DASHBOARD_FOLDER: 'folder',
      INFLUX_URL: 'http://localhost:8086',
      STATS_SERVER_URL: 'http://localhost:8086',
      INFLUX_DATABASE: 'comms',
      INFLUX_USERNAME: 'me',
      INFLUX_PASSWORD: 'secret',
      INFLUX_TOKEN: 'secret',
      RUNNER_SILENCE: '15',
      LOG_LEVEL: 'info'
    }
  },
  lighthouse: {
    flags: '--port 0 --host 127.0.0.1 --log-level info',
    variables: { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'debug' }
  },
  devserver: {
    flags: '--port 7654 --host localhost',
    variables: { PORT: '7654', HOST: 'localhost' }
  },
  'libraries/bundle/bundle.ts': { flags: '--out folder' },
  'dashboard/build.ts': { flags: '--out folder --entry main.tsx' },
  'tools/check.ts': { flags: '--fix' },
  'tools/run-tests.ts': { flags: 'server --unit' },
  'tools/benchmarks/ingest.ts': { flags: '--rounds 5 --seconds 3 --connections 32 --no-influx' },
  'tools/benchmarks/statistics-simulation.ts': { flags: '--trials 20000' }
}

/**
 * The runner accepts each as a variable and, unless it is secret, as a flag. `wrong`: a value that it
 * rejects, naming the variable.
 */
const RUNNER: Record<string, { right: string; wrong: string; secret?: true }> = {
  TEST_ID: { right: 'mine', wrong: '../x' },
  RESULTS_SERVER_URL: { right: 'http://localhost:9', wrong: 'localhost' },
  LIGHTHOUSE_URL: { right: 'http://localhost:9', wrong: 'localhost' },
  CLIENT_URL: { right: 'http://localhost:9', wrong: 'localhost' },
  PEERS_COUNT: { right: '10', wrong: 'many' },
  PEERS_PER_TAB: { right: '1', wrong: 'many' },
  TEST_DURATION: { right: '180', wrong: 'long' },
  LIBRARY: { right: 'islands', wrong: 'other' },
  PEER_LIBRARY: { right: '', wrong: 'x'.repeat(100_000) },
  ROUTINE: { right: 'loops:8,churn:2', wrong: 'x'.repeat(100_000) },
  MESSAGE_TYPES: { right: 'deduplicated', wrong: 'other' },
  MESH: { right: 'full', wrong: 'other' },
  PEER_CONFIG: { right: '{"maxConnections":3}', wrong: '[]' },
  ICE_SERVERS: { right: '[{"urls":"stun:stun.example.org"}]', wrong: '{}' },
  PEER_ID_LENGTH: { right: '42', wrong: '3' },
  STATS_SUBMIT_INTERVAL: { right: '2000', wrong: '1' },
  PING_INTERVAL: { right: '1000', wrong: '1' },
  BROWSER_CORE: { right: '0', wrong: 'first' },
  SEED: { right: '7', wrong: '-1' },
  RUNNER_ID: { right: 'here', wrong: '../x' },
  RESULTS_SERVER_TOKEN: { right: 'secret', wrong: 'x'.repeat(100_000), secret: true },
  RESULTS_SERVER_SUBMIT_TOKEN: { right: 'secret', wrong: 'x'.repeat(100_000), secret: true }
}

/** The page's URL parameters. A wrong value is rejected by name. */
const PAGE: Record<string, { right: string; wrong: string }> = {
  testId: { right: 'mine', wrong: '../x' },
  statsServerUrl: { right: 'http://localhost:9904', wrong: 'x' },
  lighthouseUrl: { right: 'http://localhost:9000', wrong: 'x' },
  numberOfPeers: { right: '3', wrong: 'x' },
  firstPeerNumber: { right: '0', wrong: 'x' },
  testDuration: { right: '180', wrong: 'x' },
  statsSubmitInterval: { right: '2000', wrong: '1' },
  pingInterval: { right: '1000', wrong: '1' },
  peerIdLength: { right: '42', wrong: '3' },
  sessionId: { right: 'mine', wrong: '../x' },
  routine: { right: 'loops:8,churn:2', wrong: 'nothing' },
  messageTypes: { right: 'deduplicated', wrong: 'x' },
  seed: { right: '7', wrong: '-1' },
  library: { right: 'islands', wrong: 'x' },
  peerConfig: { right: '{"maxConnections":3}', wrong: '[]' },
  mesh: { right: 'full', wrong: 'x' },
  meshPeers: { right: '3', wrong: '1' },
  iceServers: { right: '[]', wrong: '{}' },
  runnerId: { right: 'here', wrong: '../x' },
  tabNumber: { right: '0', wrong: 'x' }
}

const ROUTES = [
  'POST /test',
  'POST /test/:testId',
  'GET /test',
  'GET /test/:testId?dataPoints&waitFor',
  'PUT /test/:testId/start',
  'PUT /test/:testId/finish',
  'DELETE /test/:testId',
  'GET /test/:testId/summary',
  'GET /test/:testId/events?since',
  'PUT /test/:testId/peer/:peerId/ready',
  'PUT /test/:testId/peer/:peerId/metrics',
  'POST /test/:testId/metrics',
  'PUT /test/:testId/peer/:peerId/results',
  'PUT /test/:testId/topology',
  'PUT /test/:testId/runner/:runnerId/metrics',
  'GET /time',
  'GET /status',
  'GET /metrics',
  'GET /openapi.json'
]

const UNHEARD_OF = '--unheard-of'

it('every npm script still exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of SCRIPTS.split(' ')) assert.ok(scripts[name], name)
})

// A command that accepts all of its flags and values complains only about the unknown flag at the end.
describe('flags and variables', { concurrency: 2 }, () => {
  for (const [file, { flags, variables = {}, json }] of Object.entries(COMMANDS)) {
    it(file, async () => {
      const args = [...flags.split(' '), ...(json === undefined ? [] : [json, '{"maxConnections":3}'])]
      const { code, output } = await startCommand(file, [...args, UNHEARD_OF], variables).ended
      assert.match(output, /unknown option '--unheard-of'/)
      assert.equal(code, 1)
      if (Object.keys(variables).length === 0) return
      const { output: help } = await startCommand(file, ['--help']).ended
      for (const name of Object.keys(variables)) assert.ok(help.includes(name), `--help names ${name}`)
    })
  }

  const valuesOf = (which: 'right' | 'wrong') =>
    Object.fromEntries(Object.entries(RUNNER).map(([name, values]) => [name, values[which]]))
  // It accepts all values, and then fails to reach the servers, because none is running.
  const notThere = /http:\/\/localhost:9 /

  it('run-clients.ts: right variables', async () =>
    assert.match((await startCommand('clients', [], valuesOf('right')).ended).output, notThere))

  it('run-clients.ts: wrong variables, each named', async () => {
    const { output } = await startCommand('clients', [], valuesOf('wrong')).ended
    for (const name of Object.keys(RUNNER)) assert.match(output, new RegExp(`^ *${name} `, 'm'))
  })

  it('run-clients.ts: flags', async () => {
    const flags = Object.entries(RUNNER)
      .filter(([, { secret }]) => !secret)
      .flatMap(([name, { right }]) => [`--${name.toLowerCase().replaceAll('_', '-')}`, right])
    const none = Object.fromEntries(Object.keys(RUNNER).map((name) => [name, '']))
    assert.match((await startCommand('clients', flags, none).ended).output, notThere)
  })
})

describe('page parameters', () => {
  it('are all taken', () => {
    const right = Object.fromEntries(Object.entries(PAGE).map(([name, values]) => [name, values.right]))
    const parameters = parseParameters(`?${new URLSearchParams(right).toString()}`, '#token=secret')
    // Inside the page, the server's address has the name that runners use.
    const nameOf = (name: string) => (name === 'statsServerUrl' ? 'resultsServerUrl' : name)
    for (const name of Object.keys(PAGE)) assert.ok(nameOf(name) in parameters, name)
    assert.equal(parameters.token, 'secret')
  })

  for (const [name, { wrong }] of Object.entries(PAGE)) {
    it(`${name} is read`, () =>
      assert.throws(() => parseParameters(`?${new URLSearchParams({ [name]: wrong }).toString()}`, ''), {
        message: new RegExp(`\\b${name}\\b`)
      }))
  }
})

it('every route is still served, with its query parameters', () => {
  const served = Object.values<Route>(API).map(({ method, path, query }) => ({
    call: `${method.toUpperCase()} ${path}`,
    parameters: Object.keys(query?.shape ?? {})
  }))
  for (const route of ROUTES) {
    const [call, query] = route.split('?')
    const found = served.find((each) => each.call === call)
    assert.ok(found, route)
    for (const name of query?.split('&') ?? []) assert.ok(found.parameters.includes(name), route)
  }
})

/** What a runner is told: by environment variables (in containers) or by flags of the same names. */
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { LIMITS } from '../protocol/limits'
import { idSchema } from '../protocol/primitives'
import { UserError } from './user-error'

const url = z.string().regex(/^https?:\/\/[^/\s]+/, 'must be an address such as http://HOST:PORT')
const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`)
const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number of seconds, such as 180')
  .transform(Number)
  .refine(
    (value) => value > 0 && value <= LIMITS.durationSeconds,
    `must be above 0 and at most ${LIMITS.durationSeconds}`
  )
const text = z.string().max(LIMITS.textLength, `must have at most ${LIMITS.textLength} characters`)
const oneOf = <const T extends [string, ...string[]]>(...values: T) =>
  z.enum(values, `must be one of: ${values.join(', ')}`)
const json = (is: (value: unknown) => boolean, what: string) =>
  z.string().refine((value) => {
    try {
      return is(JSON.parse(value))
    } catch {
      return false
    }
  }, `must be ${what} in JSON`)

interface Variable<S extends z.ZodType = z.ZodType> {
  schema: S
  what: string
  fallback?: string | (() => string)
  /** Tokens don't belong into command lines: every user of the machine can read those. */
  secret?: true
}

const variable = <S extends z.ZodType>(
  schema: S,
  what: string,
  more: Omit<Variable, 'schema' | 'what'> = {}
) => ({
  schema,
  what,
  ...more
})

/** Every variable: its rule, its meaning, its default. One without a default is required, unless its rule says optional. */
const VARIABLES = {
  TEST_ID: variable(idSchema, 'the test to take part in; it must exist'),
  RESULTS_SERVER_URL: variable(url, 'the results server, e.g. http://localhost:9904'),
  LIGHTHOUSE_URL: variable(
    url,
    'the Lighthouse, e.g. http://localhost:9000; alike for all runners, letter by letter'
  ),
  CLIENT_URL: variable(url.optional(), 'the client page; without it the runner builds and serves it itself'),
  PEERS_COUNT: variable(whole(1, LIMITS.peersPerTest), 'peers that this runner adds', { fallback: '10' }),
  PEERS_PER_TAB: variable(whole(1, 500), 'peers in one browser tab', { fallback: '1' }),
  TEST_DURATION: variable(seconds, 'seconds that the peers run, where the test does not say', {
    fallback: '180'
  }),
  LIBRARY: variable(oneOf('layers', 'islands'), 'generation of the peer library: layers or islands', {
    fallback: 'layers'
  }),
  PEER_LIBRARY: variable(
    text.optional(),
    'exact build of it, in place of LIBRARY: name@version or file:../folder'
  ),
  ROUTINE: variable(text, 'what the peers do, e.g. stand or loops:8,churn:2', { fallback: 'stand' }),
  MESSAGE_TYPES: variable(oneOf('faithful', 'deduplicated'), 'faithful or deduplicated', {
    fallback: 'faithful'
  }),
  MESH: variable(
    oneOf('usual', 'full'),
    'usual: the library chooses its connections; full: everyone connects to everyone',
    {
      fallback: 'usual'
    }
  ),
  PEER_CONFIG: variable(
    json(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'an object'
    ).optional(),
    'options for the peer library, as a JSON object'
  ),
  ICE_SERVERS: variable(
    json(Array.isArray, 'an array').optional(),
    'ICE servers, as a JSON array of RTCIceServer; none by default'
  ),
  PEER_ID_LENGTH: variable(whole(10, 64), 'characters of a peer id', { fallback: '42' }),
  STATS_SUBMIT_INTERVAL: variable(whole(100, 600_000), 'ms between the data points of a peer', {
    fallback: '2000'
  }),
  PING_INTERVAL: variable(
    whole(100, 600_000).optional(),
    "ms between the peer library's own pings; off by default"
  ),
  BROWSER_CORE: variable(
    whole(0, 4095).optional(),
    'the one core that the browser may use (Linux); all by default'
  ),
  SEED: variable(whole(0, 0xffffffff).optional(), "decides everything random; the test's own by default"),
  RUNNER_ID: variable(idSchema, 'names this runner; alike for no two', { fallback: defaultRunnerId }),
  RESULTS_SERVER_TOKEN: variable(
    text.optional(),
    "the results server's control token, where it asks for one",
    { secret: true }
  ),
  RESULTS_SERVER_SUBMIT_TOKEN: variable(
    text.optional(),
    "the results server's submit token; enough for a runner",
    { secret: true }
  )
} satisfies Record<string, Variable>

export type VariableName = keyof typeof VARIABLES
type Values = { [Name in VariableName]: z.output<(typeof VARIABLES)[Name]['schema']> }

export interface RunnerConfiguration {
  testId: string
  runnerId: string
  resultsServerUrl: string
  lighthouseUrl: string
  clientUrl: string | undefined
  peersCount: number
  peersPerTab: number
  /** Seconds. */
  testDuration: number
  library: 'layers' | 'islands'
  /** As commands/libraries takes it. */
  peerLibrary: string | undefined
  routine: string
  messageTypes: 'faithful' | 'deduplicated'
  mesh: 'usual' | 'full'
  /** JSON, as the page takes it. */
  peerConfig: string | undefined
  /** JSON, as the page takes it. */
  iceServers: string | undefined
  peerIdLength: number
  /** Milliseconds. */
  statsSubmitInterval: number
  /** Milliseconds. */
  pingInterval: number | undefined
  /** The core that the browser keeps to. */
  browserCore: number | undefined
  seed: number | undefined
  token: string | undefined
}

/** The command's options: one for each variable. */
export function runnerCommand(): Command {
  const command = new Command('npm run clients --').description(
    'Adds peers to a test: opens headless tabs, watches them, and ends when every peer has handed in its results.\n' +
      'Exit code 0: they all did. 1: something failed.'
  )
  for (const [name, { what, fallback, secret }] of variables()) {
    if (!secret) command.addOption(new Option(`--${kebab(name)} <value>`, describe(name, what, fallback)))
  }
  const secrets = variables().filter(([, { secret }]) => secret)
  return command.addHelpText(
    'after',
    `\nFrom the environment alone:\n${secrets.map(([name, { what }]) => `  ${name}  ${what}`).join('\n')}\n` +
      '  PUPPETEER_EXECUTABLE_PATH  the browser; without it one is found or fetched'
  )
}

/**
 * The configuration by flags (keys of `flags` in camel case), variables of the environment and defaults, in this order; an empty
 * value is none. Throws UserError naming everything that is missing or wrong at once.
 */
export function readConfiguration(
  env: NodeJS.ProcessEnv,
  flags: Record<string, string> = {}
): RunnerConfiguration {
  const given = Object.fromEntries(
    variables().map(([name, { fallback }]) => {
      const value = [flags[camel(name)], env[name]].find((each) => each !== undefined && each !== '')
      return [name, value ?? (typeof fallback === 'function' ? fallback() : fallback)]
    })
  )
  const faults = variables().flatMap(([name, { schema, what }]) => {
    const { success, error } = schema.safeParse(given[name])
    if (success) return []
    if (given[name] === undefined) return [`  ${name} is missing: ${what}`]
    return [`  ${name} "${given[name]}" ${error.issues[0]?.message ?? 'is not valid'}`]
  })
  if (faults.length > 0) {
    throw new UserError(
      `The runner lacks configuration (all variables: npm run clients -- --help):\n${faults.join('\n')}`
    )
  }
  const values = Object.fromEntries(
    variables().map(([name, { schema }]) => [name, schema.parse(given[name])])
  ) as Values
  return named(values)
}

function named(values: Values): RunnerConfiguration {
  return {
    testId: values.TEST_ID,
    runnerId: values.RUNNER_ID,
    resultsServerUrl: values.RESULTS_SERVER_URL,
    lighthouseUrl: values.LIGHTHOUSE_URL,
    clientUrl: values.CLIENT_URL,
    peersCount: values.PEERS_COUNT,
    peersPerTab: Math.min(values.PEERS_PER_TAB, values.PEERS_COUNT),
    testDuration: values.TEST_DURATION,
    library: values.LIBRARY,
    peerLibrary: values.PEER_LIBRARY,
    routine: values.ROUTINE,
    messageTypes: values.MESSAGE_TYPES,
    mesh: values.MESH,
    peerConfig: values.PEER_CONFIG,
    iceServers: values.ICE_SERVERS,
    peerIdLength: values.PEER_ID_LENGTH,
    statsSubmitInterval: values.STATS_SUBMIT_INTERVAL,
    pingInterval: values.PING_INTERVAL,
    browserCore: values.BROWSER_CORE,
    seed: values.SEED,
    token: values.RESULTS_SERVER_SUBMIT_TOKEN ?? values.RESULTS_SERVER_TOKEN
  }
}

/** A container's host name is its own; the process id tells runners on one machine apart. */
function defaultRunnerId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 50)
  return `${host}-${process.pid}`
}

const variables = () => Object.entries(VARIABLES) as [VariableName, Variable][]

const camel = (name: string) =>
  name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const kebab = (name: string) => name.toLowerCase().replaceAll('_', '-')

function describe(name: string, what: string, fallback: Variable['fallback']): string {
  const shown = typeof fallback === 'function' ? 'from the host name' : fallback
  return `${what} (${name}${shown === undefined ? '' : `; default ${shown}`})`
}

/** The runner's configuration, from environment variables (in containers) or flags of the same names. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { UserError } from '../cli/user-error'
import { defaultsAt, kebab, optionsAt, readTexts, type SurfaceValues } from '../cli/surface'

type Tokens = 'resultsServerToken' | 'resultsServerSubmitToken'

export interface RunnerConfiguration extends Omit<SurfaceValues<'runner'>, Tokens | 'runnerId'> {
  runnerId: string
  /** The narrower token, if both are set. */
  token: string | undefined
}

/** The mandatory options; everything else has a default. */
export type RunnerRequest = Pick<RunnerConfiguration, 'testId' | 'resultsServerUrl' | 'lighthouseUrl'> &
  Partial<RunnerConfiguration>

export function runnerCommand(): Command {
  const command = new Command('npx peer-perf clients').description(
    'Adds peers to a test: opens headless tabs, watches them, and ends when every peer has delivered its results.\n' +
      'Exit code 0: they all did. 1: something failed.'
  )
  const options = optionsAt('runner')
  for (const { key, name, secret, help, kind, default: fallback, absent } of options) {
    if (secret) continue
    const without = fallback === undefined ? absent : kind.format(fallback)
    const more = without === undefined ? name : `${name}; default: ${without}`
    command.addOption(new Option(`--${kebab(key)} <${kind.placeholder}>`, `${help} (${more})`))
  }
  const secrets = options.filter(({ secret }) => secret)
  return command.addHelpText(
    'after',
    `\nFrom the environment only:\n${secrets.map(({ name, help }) => `  ${name}  ${help}`).join('\n')}\n` +
      '  PUPPETEER_EXECUTABLE_PATH  the browser; without it, one is found or downloaded'
  )
}

/**
 * By flags (of `runnerCommand`), variables and defaults, in this order; an empty value counts as none. Throws
 * UserError naming everything missing or wrong.
 */
export function readConfiguration(env: NodeJS.ProcessEnv, flags: Record<string, string> = {}) {
  const { values, faults } = readTexts('runner', ({ key, name, secret }) =>
    [secret ? undefined : flags[key], env[name]].find((each) => each !== undefined && each !== '')
  )
  if (faults.length > 0) {
    const lines = faults.map(({ name, message }) => `  ${name} ${message}`)
    throw new UserError(
      `The runner's configuration is incomplete or wrong (all variables: npx peer-perf clients --help):\n${lines.join('\n')}`
    )
  }
  const { resultsServerToken, resultsServerSubmitToken, ...rest } = values
  return runnerConfiguration({ ...rest, token: resultsServerSubmitToken ?? resultsServerToken })
}

/**
 * A line to print if the pages get the control token, with which the build under test could delete every
 * test. A server without a submit token leaves no other choice, so this does not refuse.
 */
export function tokenTrouble(env: NodeJS.ProcessEnv): string | undefined {
  const { RESULTS_SERVER_TOKEN: control = '', RESULTS_SERVER_SUBMIT_TOKEN: submit = '' } = env
  if (control === '' || (submit !== '' && submit !== control)) return undefined
  return 'The pages, and so the build under test, get the control token: give the results server and its clients RESULTS_SERVER_SUBMIT_TOKEN'
}

/** A line to print if a variable of the original suite is set that means nothing here. */
export function oldVariableTrouble(env: NodeJS.ProcessEnv): string | undefined {
  const old = ['BROWSERS_COUNT', 'BROWSER_COUNT'].find((name) => (env[name] ?? '') !== '')
  if (old === undefined) return undefined
  return `${old} is ignored, because one browser runs many peers: set --peers (PEERS_COUNT) instead`
}

/** The configuration for callers in this process; whatever they omit gets the table's default. */
export function runnerConfiguration(request: RunnerRequest): RunnerConfiguration {
  const whole = { ...defaultsAt('runner'), ...request }
  return {
    ...whole,
    runnerId: request.runnerId ?? defaultRunnerId(),
    peersPerTab: Math.min(whole.peersPerTab, whole.peersCount),
    token: request.token
  }
}

/** Containers may share a host name and count their processes anew: only chance tells runners apart. */
function defaultRunnerId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 50)
  return `${host}-${randomBytes(4).toString('hex')}`
}

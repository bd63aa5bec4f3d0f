/** The development Lighthouse. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { aborted, runSubcommand } from '../options/command'
import { UserError } from '../options/user-error'
import { startLighthouse } from './app'
import { openLog } from '../options/logging/log'
import { LIGHTHOUSE_NAME, LIGHTHOUSE_VERSION } from './options'

interface Flags {
  host: string
  port: number
  allowedOrigins: string[]
  logLevel: string
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

// Compose files and shells easily set a variable to an empty string, which means the default.
for (const name of ['HOST', 'PORT', 'ALLOWED_ORIGINS', 'LOG_LEVEL']) {
  if (process.env[name] === '') Reflect.deleteProperty(process.env, name)
}

export const program = new Command('npx peer-perf lighthouse')
  .description(
    'Development Lighthouse for Catalyst peers of both generations (layers and islands), WITHOUT authentication.'
  )
  .version(LIGHTHOUSE_VERSION)
  .addOption(
    new Option('--port <port>', 'port to listen on; 0 takes a free one')
      .env('PORT')
      .default(9000)
      .argParser(parsePort)
  )
  .addOption(
    new Option('--host <host>', 'address to listen on; anyone who reaches it may use it')
      .env('HOST')
      .default('127.0.0.1')
  )
  .addOption(
    new Option(
      '--allowed-origins <list>',
      'public pages that may use it, separated by commas, such as https://tests.example.org; * for all'
    )
      .env('ALLOWED_ORIGINS')
      .default([])
      .argParser(parseList)
  )
  .addOption(
    new Option('--log-level <level>', 'what to log on stderr')
      .env('LOG_LEVEL')
      .default('warn')
      .choices(LOG_LEVELS)
  )

export const isService = true

export async function run(signal: AbortSignal): Promise<number> {
  const { host, port, allowedOrigins, logLevel } = program.opts<Flags>()
  const log = openLog(logLevel, 'lighthouse')
  const lighthouse = await startLighthouse({ host, port, allowedOrigins, logger: log.logger }).catch(
    (error: unknown) => {
      throw new UserError(explain(error as NodeJS.ErrnoException, host, port))
    }
  )
  console.log(
    `${LIGHTHOUSE_NAME} ${LIGHTHOUSE_VERSION} at ${lighthouse.url} (no-auth: it trusts everyone who reaches it)`
  )
  if (!LOOPBACK.includes(host)) console.log(`Whoever reaches ${host} over the network can join and listen.`)
  console.log(`Status: ${lighthouse.url}/status`)
  await aborted(signal)
  await lighthouse.close()
  await log.flush()
  return 0
}

/** One line that names the fix. */
function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: choose another, for example PORT=${port + 1}, or 0 for any free one.`
    case 'EACCES':
      return `Not allowed to listen on port ${port}: choose one above 1023, for example PORT=9000.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST=${host} is not an address of this machine: use 127.0.0.1 for this machine alone, 0.0.0.0 for all networks.`
    default:
      return `The Lighthouse cannot start: ${error.message}`
  }
}

function parseList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError('PORT must be a whole number from 0 to 65535.')
  return port
}

if (require.main === module) runSubcommand({ program, run, isService })

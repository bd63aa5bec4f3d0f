/** The development Lighthouse. */
import { Command, Option } from 'commander'
import { allowedOrigin } from '../options/allowed'
import { aborted, runSubcommand } from '../options/command'
import { listOf, whole } from '../options/flags'
import { listenTrouble } from '../options/listen-trouble'
import { UserError } from '../options/user-error'
import { startLighthouse } from './app'
import { openLog } from '../options/logging/log'
import { LIGHTHOUSE_NAME, LIGHTHOUSE_VERSION } from './options'
import { isLoopback } from './origins'

interface Flags {
  host: string
  port: number
  allowedOrigins: string[]
  logLevel: string
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

export const program = new Command('npx peer-perf lighthouse')
  .description(
    'Development Lighthouse for Catalyst peers of both generations (layers and islands), WITHOUT authentication.'
  )
  .version(LIGHTHOUSE_VERSION)
  .addOption(
    new Option('--port <port>', 'port to listen on; 0 takes a free one')
      .env('PORT')
      .default(9000)
      .argParser(whole(0, 65_535))
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
      .argParser(listOf((text) => (text === '*' ? text : allowedOrigin(text))))
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
      const { code, message } = error as NodeJS.ErrnoException
      throw new UserError(listenTrouble(code, host, port) ?? `The Lighthouse cannot start: ${message}`)
    }
  )
  console.log(
    `${LIGHTHOUSE_NAME} ${LIGHTHOUSE_VERSION} at ${lighthouse.url} (no-auth: it trusts everyone who reaches it)`
  )
  if (!isLoopback(host)) console.log(`Whoever reaches ${host} over the network can join and listen.`)
  console.log(`Status: ${lighthouse.url}/status`)
  await aborted(signal)
  await lighthouse.close()
  await log.flush()
  return 0
}

if (require.main === module) runSubcommand({ program, run, isService })

/** The development Lighthouse. */
import { Command } from 'commander'
import { allowedOrigin, isLoopback } from '../cli/allowed'
import { aborted, runSubcommand } from '../cli/command'
import { addFlags, listOf, whole } from '../cli/flags'
import { listenError } from '../cli/listen-error'
import { openLog } from '../cli/logging/log'
import { version } from '../package.json'
import { startLighthouse } from './app'
import { LIGHTHOUSE_NAME, LIGHTHOUSE_VERSION, type LighthouseOptions } from './options'

type Flags = Pick<LighthouseOptions, 'host' | 'port' | 'allowedOrigins'> & { logLevel: string }

const command = new Command('npx peer-perf lighthouse')
  .description(
    'Development Lighthouse for Catalyst peers of both generations (layers and islands), WITHOUT authentication.'
  )
  .version(version)
const pages =
  'public pages that may use it, separated by commas, such as https://tests.example.org; * for all'
const origins = listOf((text) => (text === '*' ? text : allowedOrigin(text)))
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

export const program = addFlags(command, [
  ['--port <port>', 'port to listen on; 0 takes a free one', 'PORT', 9000, whole(0, 65_535)],
  ['--host <host>', 'address to listen on; anyone who reaches it may use it', 'HOST', '127.0.0.1'],
  ['--allowed-origins <list>', pages, 'ALLOWED_ORIGINS', [], origins],
  ['--log-level <level>', 'what to log on stderr', 'LOG_LEVEL', 'warn', levels]
])

export const isService = true

export async function run(signal: AbortSignal): Promise<number> {
  const { host, port, allowedOrigins, logLevel } = program.opts<Flags>()
  const log = openLog(logLevel, 'lighthouse')
  const lighthouse = await startLighthouse({ host, port, allowedOrigins, logger: log.logger }).catch(
    (error: unknown) => {
      throw listenError(error, host, port, 'The Lighthouse cannot start')
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

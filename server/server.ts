/** The results server. Every option can also be set by an environment variable (docs/results-server.md). */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { allowedHost, allowedOrigin } from '../options/allowed'
import { aborted, runSubcommand } from '../options/command'
import { listOf, number, whole } from '../options/flags'
import { openLog } from '../options/logging/log'
import { findDashboard, startResultsServer, type ResultsServerOptions } from './app'
import { influxTarget, parseInfluxUrl, type InfluxSettings } from './influx/target'
import { VERSION } from './routes/services'
import { publishAddress, withdrawAddress } from './store/results-folder'

interface Settings extends InfluxSettings, ResultsServerOptions {
  token?: string
  dashboard?: string
  runnerSilence: number
  logLevel: string
}

export const INFLUX_URL_ALIAS = 'STATS_SERVER_URL'

export const program = new Command('npx peer-perf server')
  .description('Takes the data of distributed tests, keeps it safe, and serves it.')
  .version(VERSION)
  .addOption(
    option('--port <number>', 'port to listen on; 0 takes a free one', 'PORT')
      .default(9904)
      .argParser(whole(0, 65_535))
  )
  .addOption(
    option(
      '--host <address>',
      'address to listen on; anything but loopback requires a token',
      'HOST'
    ).default('127.0.0.1')
  )
  .addOption(
    option('--folder <path>', 'folder of journals and results', 'TEST_RESULTS_LOCATION')
      .default(join(homedir(), 'peer-performance-tests'))
      .argParser(parseFolder)
  )
  .addOption(
    option(
      '--durability <mode>',
      'fsync: acknowledged data survives a power cut; write: a crash of the process',
      'DURABILITY'
    )
      .choices(['fsync', 'write'])
      .default('fsync')
  )
  .addOption(option('--token <secret>', 'control token that callers must send', 'RESULTS_SERVER_TOKEN'))
  .addOption(
    option('--submit-token <secret>', 'narrower token for peers and runners', 'RESULTS_SERVER_SUBMIT_TOKEN')
  )
  .addOption(
    option('--read-token <secret>', 'narrower token for those who look', 'RESULTS_SERVER_READ_TOKEN')
  )
  .addOption(
    option('--allowed-origins <list>', 'comma-separated other pages that may call', 'ALLOWED_ORIGINS')
      .default([])
      .argParser(listOf(allowedOrigin))
  )
  .addOption(
    option('--allowed-hosts <list>', 'comma-separated other names of this server', 'ALLOWED_HOSTS')
      .default([])
      .argParser(listOf(allowedHost))
  )
  .addOption(option('--dashboard <folder>', 'the built dashboard', 'DASHBOARD_FOLDER'))
  .addOption(
    option('--influx-url <url>', `InfluxDB to relay to (alias ${INFLUX_URL_ALIAS})`, 'INFLUX_URL').argParser(
      parseInfluxUrl
    )
  )
  .addOption(option('--influx-database <name>', 'created if missing', 'INFLUX_DATABASE').default('comms'))
  .addOption(option('--influx-username <name>', 'InfluxDB 1.x user name', 'INFLUX_USERNAME'))
  .addOption(option('--influx-password <secret>', 'InfluxDB 1.x password', 'INFLUX_PASSWORD'))
  .addOption(option('--influx-token <secret>', 'InfluxDB 2.x and 3.x token', 'INFLUX_TOKEN'))
  .addOption(
    option(
      '--influx-names <names>',
      'original: also the names of the original suite',
      'INFLUX_NAMES'
    ).choices(['original'])
  )
  .addOption(
    option('--runner-silence <seconds>', 'a runner that is silent for longer is lost', 'RUNNER_SILENCE')
      .default(15)
      .argParser(number(0.1, 3600))
  )
  .addOption(
    option('--log-level <level>', 'of the log on standard error', 'LOG_LEVEL')
      .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
      .default('info')
  )

function option(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable)
}

/** An empty path would resolve to the current directory. */
function parseFolder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Name a folder.')
  return resolve(text)
}

// Before the flags are parsed. The alias applies if the main name is not set, or empty.
const alias = process.env[INFLUX_URL_ALIAS]
if (alias && !process.env.INFLUX_URL) process.env.INFLUX_URL = alias

export const isService = true

export async function run(signal: AbortSignal): Promise<number> {
  const settings = program.opts<Settings>()
  const log = openLog(settings.logLevel)
  const dashboardFolder = settings.dashboard ?? findDashboard()
  const influx = influxTarget(settings)
  const server = await startResultsServer({
    ...settings,
    controlToken: settings.token,
    runnerSilenceMs: settings.runnerSilence * 1000,
    ...(influx && { influx }),
    ...(dashboardFolder !== undefined && { dashboardFolder }),
    logger: log.logger
  })
  try {
    publishAddress(settings.folder, server.url)
  } catch (error) {
    // The disk may be full. Only `npm start` uses the address, and it must not find half of one.
    withdrawAddress(settings.folder)
    log.logger.warn({ err: error }, 'the address is not published: npm start will not find this server')
  }
  console.log(`Results server on ${server.url}, results in ${settings.folder}`)
  await aborted(signal)
  log.logger.info('stopping')
  await server.close()
  await log.flush()
  return 0
}

if (require.main === module) runSubcommand({ program, run, isService })

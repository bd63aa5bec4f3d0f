/** The results server. Every option can also be set by an environment variable (docs/results-server.md). */
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { allowedHost, allowedOrigin } from '../cli/allowed'
import { aborted, runSubcommand } from '../cli/command'
import { addFlags, listOf, number, whole } from '../cli/flags'
import { openLog } from '../cli/logging/log'
import { resultsFolder } from '../cli/results-folder'
import { version } from '../package.json'
import { startResultsServer, type ResultsServerOptions } from './app'
import { influxTarget, parseInfluxUrl, type InfluxSettings } from './influx/target'
import { publishAddress, withdrawAddress } from './store/results-folder'

interface Settings extends InfluxSettings, Omit<ResultsServerOptions, 'folder'> {
  folder?: string
  token?: string
  dashboard?: string
  runnerSilence: number
  logLevel: string
}

export const INFLUX_URL_ALIAS = 'STATS_SERVER_URL'

const command = new Command('npx peer-perf server')
  .description('Takes the data of distributed tests, keeps it safe, and serves it.')
  .version(version)
const folderHelp = 'folder of journals and results (default: ~/peer-performance-tests)'
const durability = 'fsync: acknowledged data survives a power cut; write: a crash of the process'
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent']
const silence = 'a runner that is silent for longer is lost'
const origins = listOf(allowedOrigin)
const hosts = listOf(allowedHost)
const influxUrl = `InfluxDB to relay to (alias ${INFLUX_URL_ALIAS})`
const influxNames = 'original: also the names of the original suite'

export const program = addFlags(command, [
  ['--port <number>', 'port to listen on; 0 takes a free one', 'PORT', 9904, whole(0, 65_535)],
  ['--host <address>', 'address to listen on; anything but loopback requires a token', 'HOST', '127.0.0.1'],
  ['--folder <path>', folderHelp, 'TEST_RESULTS_LOCATION', undefined, parseFolder],
  ['--durability <mode>', durability, 'DURABILITY', 'fsync', ['fsync', 'write']],
  ['--token <secret>', 'control token that callers must send', 'RESULTS_SERVER_TOKEN'],
  ['--submit-token <secret>', 'narrower token for peers and runners', 'RESULTS_SERVER_SUBMIT_TOKEN'],
  ['--read-token <secret>', 'narrower token for those who look', 'RESULTS_SERVER_READ_TOKEN'],
  ['--allowed-origins <list>', 'comma-separated other pages that may call', 'ALLOWED_ORIGINS', [], origins],
  ['--allowed-hosts <list>', 'comma-separated other names of this server', 'ALLOWED_HOSTS', [], hosts],
  ['--dashboard <folder>', 'the built dashboard', 'DASHBOARD_FOLDER'],
  ['--influx-url <url>', influxUrl, 'INFLUX_URL', undefined, parseInfluxUrl],
  ['--influx-database <name>', 'created if missing', 'INFLUX_DATABASE', 'comms'],
  ['--influx-username <name>', 'InfluxDB 1.x user name', 'INFLUX_USERNAME'],
  ['--influx-password <secret>', 'InfluxDB 1.x password', 'INFLUX_PASSWORD'],
  ['--influx-token <secret>', 'InfluxDB 2.x and 3.x token', 'INFLUX_TOKEN'],
  ['--influx-names <names>', influxNames, 'INFLUX_NAMES', undefined, ['original']],
  ['--runner-silence <seconds>', silence, 'RUNNER_SILENCE', 15, number(0.1, 3600)],
  ['--log-level <level>', 'of the log on standard error', 'LOG_LEVEL', 'info', levels]
])

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
  // Bazel makes a dashboard in its runfiles; commands/server.ts and the image name theirs.
  const { folder = resultsFolder(), dashboard = 'dashboard/bundle', ...settings } = program.opts<Settings>()
  const log = openLog(settings.logLevel)
  const influx = influxTarget(settings)
  if (!influx && (settings.influxToken ?? settings.influxUsername) !== undefined)
    log.logger.warn('nothing is relayed to InfluxDB: to use the credentials for it, set INFLUX_URL')
  const server = await startResultsServer({
    ...settings,
    folder,
    dashboardFolder: dashboard,
    controlToken: settings.token,
    runnerSilenceMs: settings.runnerSilence * 1000,
    influx,
    logger: log.logger
  })
  try {
    publishAddress(folder, server.url)
  } catch (error) {
    // The disk may be full. Only `npm start` uses the address, and it must not find half of one.
    withdrawAddress(folder)
    log.logger.warn({ err: error }, 'the address is not published: npm start will not find this server')
  }
  console.log(`Results server on ${server.url}, results in ${folder}`)
  await aborted(signal)
  log.logger.info('stopping')
  await server.close()
  await log.flush()
  return 0
}

if (require.main === module) runSubcommand({ program, run, isService })

/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/no-unsafe-return --
   only the subcommand that runs is loaded, and tsx/cjs does not compile import() */
/** The program `peer-perf`: finds the subcommand, and loads only that one. */
import { homedir } from 'node:os'
import { Command } from 'commander'
import { runSubcommand, type Subcommand } from '../cli/command'
import { version } from '../package.json'
import { attempt } from '../protocol/attempt'

type Entry = readonly [what: string, load: () => unknown]

const GROUPS: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  'Measure:': {
    run: ['a whole test on this machine', () => require('./run')],
    compare: ['two builds: better, worse, or noise?', () => require('./compare')],
    simulate: ['a test in virtual time', () => require('./simulate')],
    bisect: ['the commit that changed a metric', () => require('./bisect')],
    explore: ['search for conditions that break a build', () => require('./explore')]
  },
  'Look at results:': {
    report: ['one HTML file of a test', () => require('./report')],
    track: ['each commit against its parent', () => require('./track')],
    history: ['each metric across versions', () => require('./history')]
  },
  'Prepare a large test:': { calibrate: ['how many peers machines carry', () => require('./calibrate')] },
  'Parts of a distributed test:': {
    server: ['the results server with its dashboard', () => require('./server')],
    lighthouse: ['the development Lighthouse', () => require('../lighthouse/server')],
    clients: ['adds peers to a test', () => require('./clients')],
    devserver: ['the client page, rebuilt on each change', () => require('./devserver')],
    ci: ['the steps of the GitHub Action', () => require('./ci')],
    cloud: ['a lab on AWS', () => require('./cloud')]
  },
  'Of this project’s own developers:': {
    bench: ['programs that prove what the documentation claims', () => require('./bench')]
  }
}

// Puppeteer asks for the home folder while it loads. Without one, homedir() throws, unless HOME is there.
if (attempt(homedir) === undefined) process.env.HOME = ''

const subcommands = Object.assign({}, ...Object.values(GROUPS)) as Record<string, Entry>

const yes = process.argv.indexOf('--yes')
if (yes > 0) {
  process.argv.splice(yes, 1)
  process.env.CI = 'true'
}
// npm takes it away, npx does not.
if (process.argv[2] === '--') process.argv.splice(2, 1)
const [name = '', flag] = process.argv.slice(2)
if (Object.hasOwn(subcommands, name) && flag !== '--version') {
  // The subcommand sees its own arguments only.
  process.argv.splice(2, 1)
  const subcommand = subcommands[name]![1]() as Subcommand | object
  if ('run' in subcommand) runSubcommand(subcommand)
} else {
  help().parse()
}

/** Answers --help, --version and misspelt names. */
function help(): Command {
  const program = new Command('npx peer-perf')
    .description('Distributed performance tests of the Catalyst peer library.')
    .version(version)
    .helpCommand(false)
    .option('--yes', 'answers the question before a browser is installed (so does CI=true)')
    .addHelpText('after', '\nFlags of a command: npx peer-perf COMMAND --help. First steps: docs/tutorial.md')
  for (const [group, entries] of Object.entries(GROUPS)) {
    program.commandsGroup(group)
    for (const [name, [what]] of Object.entries(entries)) program.command(name).description(what)
  }
  return program
}

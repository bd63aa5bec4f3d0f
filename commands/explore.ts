/** Searches for conditions that break a build: `npm run explore -- --help` */
import { Command } from 'commander'
import { whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { runCommand } from '../cli/command'
import { createProgress } from '../cli/progress'
import { checkBuilds } from '../libraries/mixture'
import { explore } from '../simulation/explore/explore'
import { commandOf, drawTrial } from '../simulation/explore/trial'
import { prepare } from '../simulation/prepare'

interface Flags {
  library: string
  runs: number
  peers: number
  from: number
  shrink: number
}

runCommand(async (signal) => {
  const flags = refuseSwallowedFlags(
    new Command('npm run explore --')
      .description(
        'Simulates drawn sizes, networks, churn and faults, and checks what must hold of each (docs/simulation.md#exploring).\n' +
          'Exit code 0: nothing found. 1: it failed. 2: something is broken; each finding is one command that repeats it.'
      )
      .option('--library <build>', 'build of the peer library, as npm run simulate takes it', 'layers')
      .option('--runs <number>', 'trials', whole(1, 1_000_000), 100)
      .option('--peers <number>', 'largest mesh', whole(2, 100), 20)
      .option('--from <number>', 'number of the first trial: other numbers, other trials', whole(0, 1e9), 0)
      .option('--shrink <number>', 'simulations to spend on making each finding smaller', whole(0, 1000), 20)
  )
    .parse()
    .opts<Flags>()
  checkBuilds(flags.library)
  const progress = createProgress()
  const prepared = await prepare(flags.library, (line) => {
    progress.note(line)
  })
  const trials = Array.from({ length: flags.runs }, (_, index) => drawTrial(flags.from + index, flags.peers))
  let done = 0
  const findings = await progress.step('Exploring', (update) =>
    explore(trials, prepared, {
      signal,
      shrinkBudget: flags.shrink,
      tried: (index, broken) => {
        update(`${++done} of ${trials.length} trials`)
        if (broken.length > 0) progress.note(`Trial ${flags.from + index}: ${broken.join('; ')}`)
      }
    })
  )
  for (const { index, broken, least } of findings) {
    console.log(
      `\nTrial ${flags.from + index} broke ${broken.join('; ')}. To reproduce:\n${commandOf(least, flags.library)}`
    )
  }
  console.log(`\n${trials.length} trials, ${findings.length} of them broke something.`)
  return findings.length > 0 ? 2 : 0
})

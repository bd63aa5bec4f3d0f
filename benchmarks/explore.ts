/** `peer-perf bench explore`: how many planted bugs does exploring find, and what does finding each cost? */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { table } from '../analysis/text'
import { runCommand } from '../options/command'
import { whole } from '../options/flags'
import { refuseSwallowedFlags } from '../options/npm-dashes'
import { copyWithFault } from '../client/builds/testing/planted-build'
import { explore } from '../simulation/explore/explore'
import { commandOf, drawTrial } from '../simulation/explore/trial'
import { prepare } from '../simulation/prepare'
import { MUTANTS, type Mutant } from './mutants'

interface Flags {
  peers: number
  runs: number
  shrink: number
  only: string
}

const nobody = () => undefined
/** Of Linux, on all its common architectures. */
const TICKS_PER_SECOND = 100

runCommand(async (signal) => {
  const flags = refuseSwallowedFlags(
    new Command('npx peer-perf bench explore')
      .description(
        `Explores ${MUTANTS.length} builds, each with a planted bug, beside the sound build.\nExit code 0: every bug was found and shrunk.`
      )
      .option('--peers <number>', 'largest mesh', whole(3, 100), 40)
      .option('--runs <number>', 'trials at most for each bug', whole(1, 1000), 40)
      .option('--shrink <number>', 'trials to spend on making a finding smaller', whole(0, 1000), 16)
      .option('--only <text>', 'only bugs whose name contains this', '')
  )
    .parse()
    .opts<Flags>()
  const sound = await prepare('layers', nobody)
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'))
  const rows: string[][] = []
  try {
    for (const [index, mutant] of MUTANTS.entries()) {
      if (!mutant.name.includes(flags.only)) continue
      rows.push(await hunt(mutant, join(folder, `mutant-${index}`)))
      console.log(rows.at(-1)!.join(' | '))
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  console.log(`\n${table(['bug', 'trial', 'broke', 'CPU s', 'smallest case'], rows)}`)
  const found = rows.filter(([, trial]) => trial !== '–').length
  console.log(`Mutation score: ${found} of ${rows.length}`)
  return found === rows.length ? 0 : 2

  /** Runs trial after trial until one breaks what the bug must break. */
  async function hunt(mutant: Mutant, build: string): Promise<string[]> {
    const began = cpuSeconds()
    await copyWithFault(dirname(require.resolve('peer-layers')), mutant, build)
    const candidate = await prepare(`file:${build}`, nobody)
    for (let number = 0; number < flags.runs; number++) {
      const trials = [drawTrial(number, flags.peers)]
      const options = { baseline: sound, signal, shrinkBudget: flags.shrink }
      const [finding] = (await explore(trials, candidate, options)).findings
      const broke = finding?.broken.map(({ invariant }) => invariant) ?? []
      if (!finding || !broke.some((name) => mutant.breaks.includes(name))) continue
      const least = commandOf(finding.least, '…').replace(/^.*? --seed/, '--seed')
      return [mutant.name, String(number), broke.join(', '), (cpuSeconds() - began).toFixed(0), least]
    }
    return [mutant.name, '–', 'nothing', (cpuSeconds() - began).toFixed(0), '–']
  }
})

/** Of this process and of the simulations' processes that have ended; NaN where there is no /proc. */
function cpuSeconds(): number {
  try {
    // Fields 14 to 17 of proc(5), behind the command in brackets: own and awaited children's time.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return ticks / TICKS_PER_SECOND
  } catch {
    return NaN
  }
}

/**
 * `peer-perf bench truth --help`: does the gate find real faults? Plants faults into the published library
 * and compares each build with the original, in real browsers or in virtual time.
 */
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { isMeasured } from '../../analysis/formats/judged'
import {
  blocksOf,
  finishedComparison,
  folderOf,
  idOf,
  runCompare,
  type Finished
} from '../../orchestration/compare-process'
import { runCommand } from '../../cli/command'
import { flagsOf } from '../../cli/npm-dashes'
import { listOf, whole } from '../../cli/flags'
import { UserError } from '../../cli/user-error'
import { libraryCacheFolder } from '../../libraries/cache'
import { copyWithFault } from '../../libraries/testing/planted-build'
import { ENGINES, type Engine } from '../../protocol/names'
import { FAULTS, PLANTED_FAULTS, SOUND_BUILD, type Fault } from './truth/faults'
import { confusionMatrix, isRight, type Answer } from './truth/matrix'

interface Flags {
  fault?: Fault[]
  repeat: number
  maxBlocks: number
  peers: number
  duration: number
  reportOnly?: boolean
  engine: Engine
}

const SOUND = `${SOUND_BUILD.name}@${SOUND_BUILD.version}`
const ALL = [...FAULTS, ...PLANTED_FAULTS]
const names = ALL.map(({ name }) => name).join(', ')
const flags = flagsOf<Flags>(
  new Command('npx peer-perf bench truth')
    .description(
      'Compares builds with planted faults with the original, and prints the confusion matrix of the gate.\n' +
        'Finished comparisons are kept; to resume, run it again.\n' +
        'Exit code 0: every answer is right. 1: it failed, was stopped, or a comparison has no usable run. 2: an answer is wrong.'
    )
    .option(
      '--fault <names>',
      `only these, separated by commas (default: all of the engine): ${names}`,
      listOf(faultNamed)
    )
    .option('--repeat <number>', 'comparisons of each', whole(1, 100), 1)
    .option('--max-blocks <number>', 'of each', whole(8, 200), 24)
    .option('--peers <number>', 'of each build', whole(2, 100), 8)
    .option('--duration <seconds>', 'of each run', whole(6, 3600), 30)
    .addOption(
      new Option('--engine <engine>', 'simulation: other faults, in virtual time, with default flags')
        .choices(ENGINES)
        .default('browser')
    )
    .option('--report-only', 'run nothing: print the matrix of the finished comparisons')
)

const isSimulated = flags.engine === 'simulation'
const { maxBlocks, peers, duration } = flags
const engineFlags = isSimulated
  ? ['--engine', 'simulation']
  : ['--max-blocks', maxBlocks, '--peers', peers, '--duration', duration].map(String)

runCommand(async (signal) => {
  const answers: Answer[] = []
  const unmeasured: string[] = []
  for (const fault of flags.fault ?? (isSimulated ? PLANTED_FAULTS : FAULTS)) {
    for (let count = 1; count <= flags.repeat; count++) {
      const decisive = [SOUND_BUILD, fault.replace, engineFlags]
      const id = idOf(`truth-${fault.name.replace('.', '-')}-${count}`, decisive)
      if (!flags.reportOnly) {
        console.log(`\n${id}: ${fault.says}`)
        const args = ['--baseline', SOUND, '--candidate', await candidateOf(fault), ...engineFlags]
        await runCompare(id, args, signal)
      }
      const finished = await finishedComparison(id)
      if (!finished) continue
      if (isMeasured(finished)) answers.push(answerOf(fault, finished))
      else unmeasured.push(folderOf(id))
    }
  }
  if (answers.length > 0) console.log(`\n${confusionMatrix(answers)}`)
  if (!answers.every(isRight)) return 2
  if (unmeasured.length > 0)
    throw new UserError(
      `Not measured: remove ${unmeasured.join(' ')}, and run the same command again where it can`
    )
  if (answers.length === 0) throw new UserError('No comparison is finished yet')
  return 0
})

function faultNamed(name: string): Fault {
  const fault = ALL.find((each) => each.name === name)
  if (!fault) throw new InvalidArgumentError(`It must be among ${names}.`)
  return fault
}

/** A copy of the sound build with the fault planted in its bundle; itself if nothing is planted. */
async function candidateOf(fault: Fault): Promise<string> {
  if (fault.replace.length === 0) return SOUND
  return copyWithFault(fault, join(libraryCacheFolder(), 'planted', fault.name))
}

function answerOf(fault: Fault, { gate }: Finished): Answer {
  return {
    fault,
    verdict: gate.verdict,
    worse: gate.criteria.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name),
    blocks: blocksOf(gate)
  }
}

/** A test in virtual time. */
import { join } from 'node:path'
import { replaceFile } from '../orchestration/whole-file'
import { JSON_FLAG, type Outcome as Ending } from '../cli/command'
import { exitCodeOf } from '../cli/exit-code'
import { createProgress } from '../cli/progress'
import { writableFolder } from '../cli/results-folder'
import { connectingTrouble } from '../cli/network/connecting'
import { documentText } from '../protocol/document-text'
import { plansOf, simulateCommand, simulateFlags } from '../simulation/flags'
import { simulateAll } from '../simulation/pool'
import { refuseToReplace } from '../simulation/own-results'
import { prepare } from '../simulation/prepare'
import { seedsTable } from '../simulation/seeds-table'
import type { Outcome } from '../simulation/simulate'
import { present } from './run'

export const program = simulateCommand().option(...JSON_FLAG)

export async function run(signal: AbortSignal): Promise<Ending> {
  const flags = simulateFlags(program)
  const folder = writableFolder()
  const progress = createProgress()
  const builds = await progress.step('Preparing the builds', () =>
    prepare(flags.peerLibrary, (line) => progress.note(line))
  )
  const trouble = connectingTrouble(flags)
  if (trouble !== undefined) progress.note(trouble)
  const plans = plansOf(flags, builds)
  const fileOf = (id: string) => join(folder, `${id}.json`)
  for (const { id } of plans) refuseToReplace(fileOf(id), id)
  const outcomes = await runAll()
  const exitCodes: number[] = []
  for (const outcome of outcomes) exitCodes.push(await conclude(outcome))
  if (outcomes.length > 1) console.log(`\n${seedsTable(outcomes)}`)
  console.log('Not modelled: connecting in layers (ICE, DTLS), CPU and memory (docs/simulation.md)')
  const exitCode = exitCodes.find((code) => code === 1) ?? Math.max(...exitCodes)
  const runs = outcomes.map(({ document: { id, seed, summary }, failures }) => {
    return { id, seed, failures, summary }
  })
  return { exitCode, document: { runs } }

  function runAll(): Promise<Outcome[]> {
    return progress.step('Simulating', (update) => {
      const begun = performance.now()
      const elapsed = plans.map(() => 0)
      const tell = (index: number, milliseconds: number) => {
        elapsed[index] = milliseconds
        const virtual = elapsed.reduce((sum, each) => sum + each, 0) / 1000
        const wanted = plans.reduce((sum, { duration }) => sum + duration, 0)
        update(
          `${virtual.toFixed(1)} of ${wanted} virtual s in ${((performance.now() - begun) / 1000).toFixed(0)} s`
        )
      }
      return simulateAll(plans, {
        signal,
        threads: flags.threads,
        progress: (index, { elapsed: milliseconds, joined }) => {
          const { peers, seed } = plans[index]!
          const which = plans.length > 1 ? ` (seed ${seed})` : ''
          // Connecting a large mesh takes longer than all that follows.
          if (milliseconds < 0) update(`connecting peer ${joined} of ${peers}${which}`)
          else tell(index, milliseconds)
        },
        done: (index) => tell(index, plans[index]!.duration * 1000)
      })
    })
  }

  /** Returns the exit code. */
  async function conclude({ document, failures, errors, packetLog, packets }: Outcome): Promise<number> {
    for (const line of failures) console.error(`Failed: ${line}`)
    if (errors.length > 0) console.error(`Uncaught errors: ${errors.length}, the first: ${errors[0]!}`)
    const file = fileOf(document.id)
    await replaceFile(file, documentText(document))
    // What did not start has nothing to show but why.
    if (flags.runs === 1 && document.startsAt !== undefined) {
      await present(file, document.summary, flags, signal)
      console.log(`Packet log: ${packetLog} (${packets} packets)`)
    }
    return exitCodeOf({ failed: failures.length > 0, summary: document.summary! })
  }
}

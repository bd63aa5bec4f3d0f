/**
 * `peer-perf bench faults`: runs the results server under faults drawn from a seed, then checks all its
 * promises.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { whole } from '../options/flags'
import { refuseSwallowedFlags } from '../options/npm-dashes'
import { nameOf } from './faults/plan'
import { runRound, type RoundResult } from './faults/round'

interface Options {
  rounds: number
  seed: number
  round?: number
  parallel: number
}

const options = refuseSwallowedFlags(
  new Command('faults')
    .description(
      'Kills, freezes and starves the results server while clients write down every acknowledgement; then checks that nothing acknowledged is lost or doubled, documents are whole, foreign files untouched, and the relay complete.'
    )
    .option('--rounds <number>', 'how many rounds', whole(1, 100_000), 50)
    .option('--seed <number>', 'decides every round', whole(0, 2 ** 32 - 1), 1)
    .option('--round <number>', 'run this round alone, to reproduce a violation', whole(0, 100_000))
    .option('--parallel <number>', 'rounds at the same time', whole(1, 16), 1)
)
  .parse()
  .opts<Options>()

interface Tally {
  rounds: number
  violations: number
}

async function main(): Promise<void> {
  const numbers =
    options.round !== undefined ? [options.round] : Array.from({ length: options.rounds }, (_, i) => i)
  const total = numbers.length
  const tallies = new Map<string, Tally>()
  let done = 0
  let acknowledged = 0
  let lives = 0
  let damaged = 0
  let bad = 0
  const work = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      const result = await runRound(options.seed, number)
      done++
      acknowledged += result.acknowledged
      lives += result.lives
      damaged += result.damaged
      if (result.violations.length > 0) bad++
      count(tallies, result)
      report(number, result)
      if (done % 10 === 0)
        console.log(`${done} of ${total} rounds, ${acknowledged} points acknowledged, ${bad} bad`)
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work))
  printTable(tallies)
  console.log(
    `${total} rounds, ${lives} tests, ${acknowledged} acknowledged points, ${damaged} damaged journals: ${bad === 0 ? 'every promise was kept' : `${bad} rounds broke a promise`}`
  )
  process.exitCode = bad === 0 ? 0 : 1
}

function count(tallies: Map<string, Tally>, { plan, violations }: RoundResult): void {
  const names = plan.faults.map(({ fault }) => nameOf(fault))
  for (const name of new Set([...names, ...(plan.logIsFull ? ['log on a full disk'] : [])])) {
    const tally = tallies.get(name) ?? { rounds: 0, violations: 0 }
    tally.rounds++
    if (violations.length > 0) tally.violations++
    tallies.set(name, tally)
  }
}

function report(number: number, { plan, violations }: RoundResult): void {
  if (violations.length === 0) return
  const faults = plan.faults.map(({ at, fault }) => `${nameOf(fault)} at ${Math.round(at)} ms`)
  console.log(`Round ${number} (${faults.join(', ')}) broke a promise:`)
  for (const violation of violations) console.log(`  ${violation}`)
  console.log(`  Reproduce: npx peer-perf bench faults --seed ${options.seed} --round ${number}`)
}

function printTable(tallies: Map<string, Tally>): void {
  const table = new Table({
    head: ['fault', 'rounds', 'rounds with a violation'],
    style: { head: [], border: [] }
  })
  for (const [name, { rounds, violations }] of [...tallies].sort(([a], [b]) => a.localeCompare(b)))
    table.push([name, rounds, violations])
  console.log(table.toString())
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})

/**
 * `npm run bench:explore`: does exploring find a known fault? Plants a relay fault into the published library
 * that appears only with more than 30 peers.
 */
import { Command } from 'commander'
import { runCommand } from '../cli/command'
import { whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { explore } from '../simulation/explore/explore'
import { commandOf, drawTrial } from '../simulation/explore/trial'
import { prepare } from '../simulation/prepare'
import { plantRelayFault } from '../simulation/testing/planted-relay'

interface Flags {
  above: number
  peers: number
  runs: number
  shrink: number
}

runCommand(async (signal) => {
  const { above, peers, runs, shrink } = refuseSwallowedFlags(
    new Command('npm run bench:explore --')
      .description(
        'Explores a build that stops relaying in large meshes.\nExit code 0: the fault was found and shrunk to the smallest such mesh.'
      )
      .option('--above <number>', 'peers that the build still relays for', whole(2, 99), 30)
      .option('--peers <number>', 'largest mesh', whole(3, 100), 40)
      .option('--runs <number>', 'trials', whole(1, 1000), 4)
      .option('--shrink <number>', 'simulations to spend on each finding', whole(0, 1000), 16)
  )
    .parse()
    .opts<Flags>()
  const planted = plantRelayFault(await prepare('layers', () => undefined), above)
  const trials = Array.from({ length: runs }, (_, number) => drawTrial(number, peers))
  const findings = await explore(trials, planted, {
    signal,
    shrinkBudget: shrink,
    tried: (index, broken) => {
      console.log(`Trial ${index}, ${trials[index]!.peers} peers: ${broken.join('; ') || 'holds'}`)
    }
  })
  for (const { index, least } of findings) {
    console.log(`Trial ${index}, ${trials[index]!.peers} peers, shrunk: ${commandOf(least, 'layers')}`)
  }
  const { user, system } = process.cpuUsage()
  console.log(`CPU: ${((user + system) / 1e6).toFixed(0)} s`)
  return findings.some(({ least }) => least.peers === above + 1) ? 0 : 2
})

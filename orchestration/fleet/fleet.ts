/** The nodes that a test's runners are spread over, and how its peers fit them. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { chooseLibrary } from '../../libraries/library'
import { AwsEngine } from '../../deploy/runners/aws-tasks'
import { ComposeEngine, LOCAL_IMAGE } from '../../deploy/runners/compose'
import { idleOn, type Engine, type Node } from '../../deploy/runners/engine'
import { KubernetesEngine } from '../../deploy/runners/kubernetes'
import { SshEngine } from '../../deploy/runners/ssh'
import { number } from '../../cli/flags'
import type { Behaviour } from '../../cli/behaviour'
import { usualPeersPerTab } from '../../cli/network/engine'
import { resultsFolder } from '../../cli/results-folder'
import { kebab } from '../../cli/surface'
import { UserError } from '../../cli/user-error'
import { basisOf, findCalibration, speedOf } from '../../runner/calibration'
import { layoutLines, layOut, settingsThatFit, flagsOf } from '../../runner/layout'
import { atOnceUnless, type ArrangementFlags } from '../arrangement'
import type { Setting } from '../plan'
import type { ServerFlags } from './servers'

export interface FleetFlags extends ServerFlags {
  on?: string | undefined
  image?: string | undefined
  cpus?: number | undefined
}

const ON = /^(?:(ssh):(.+)|(compose)(?::(.+))?|(kubernetes)(?::(.+))?|aws:(\d{1,4}))$/

export function addFleetFlags(command: Command): Command {
  return command
    .optionsGroup('On other machines:')
    .option(
      '--on <engine>',
      'where the peers run: ssh:hosts.txt, compose or compose:hosts.txt, kubernetes or kubernetes:namespace, aws:10 (docs/ten-machines.md)'
    )
    .option('--image <name>', `image of the runner: kubernetes asks for it, compose has ${LOCAL_IMAGE}`)
    .option(
      '--address <address>',
      'address of this machine under which the nodes reach it (default: as they see it)'
    )
    .option(
      '--cpus <number>',
      'most cores of each runner (default: all, or half for each of two builds)',
      number(0.1, 1000)
    )
}

export function refuseIdleFlags({ on, image, address, cpus }: FleetFlags): void {
  if (on === undefined && (address ?? image ?? cpus) !== undefined)
    throw new UserError('--address, --image and --cpus are for other machines: add --on, or leave them out')
  if (image !== undefined && /^(ssh|aws):/.test(on!))
    throw new UserError(`--on ${on} does not use --image: leave it out`)
}

/** Throws UserError if it names no engine, or another server for one that has its own. */
export function engineOf({ on = '', image, ...servers }: FleetFlags): Engine {
  const [, ssh, hosts = '', compose, daemons, kubernetes, namespace, tasks] = ON.exec(on) ?? []
  const named = idleOn(on).find((name) => servers[name] !== undefined)
  if (named !== undefined)
    throw new UserError(`--on ${on} has servers of its own: leave out --${kebab(named)}`)
  if (ssh !== undefined) return new SshEngine(namesIn(hosts))
  if (compose !== undefined) return new ComposeEngine(daemons === undefined ? [] : namesIn(daemons), image)
  if (kubernetes !== undefined && image === undefined)
    throw new UserError(`--on ${on} needs --image: the name by which the cluster pulls the runner's image`)
  if (kubernetes !== undefined) return new KubernetesEngine(namespace ?? 'catalyst-peer-lab', image!)
  if (Number(tasks) > 0) return new AwsEngine(Number(tasks))
  throw new UserError(
    `--on ${on} is not an engine: use ssh:FILE, compose, compose:FILE, kubernetes or aws:TASKS`
  )
}

/** Throws UserError if a node that the user has named does not answer, or there is none. */
export async function allNodes(engine: Engine): Promise<Node[]> {
  const nodes = await engine.nodes()
  const missing = engine.named.filter((named) => !nodes.some(({ name }) => name === named))
  if (missing.length > 0)
    throw new UserError(
      `No answer from ${missing.join(', ')}: try it by ssh -o BatchMode=yes or docker from here, or take it out of the file`
    )
  if (nodes.length === 0) throw new UserError('No node is ready: kubectl get nodes says why')
  return nodes
}

function namesIn(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`The file of nodes can't be read (${(error as Error).message}): one node a line`)
  }
  const names = text.split('\n').flatMap((line) => line.replace(/(^|\s)#.*/, '').trim() || [])
  if (names.length === 0) throw new UserError(`${file} names no node: one a line`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new UserError(`${file} names ${twice} twice`)
  return names
}

export type Placement = ReturnType<typeof placeOn>

export type FleetLoad = Pick<Behaviour, 'messageTypes' | 'mesh' | 'routine' | 'network'> & {
  peers: number
  library: string
}

/** Lays the peers of each of `atOnce` tests out over the same nodes. */
export function placeOn(
  nodes: readonly Node[],
  load: FleetLoad,
  { cpus, atOnce = 1 }: { cpus?: number | undefined; atOnce?: number }
) {
  if (load.peers < nodes.length)
    throw new UserError(
      `${load.peers} peers leave some of ${nodes.length} nodes without any: name fewer nodes`
    )
  const [least] = nodes.toSorted((a, b) => a.cores - b.cores)
  if (cpus !== undefined && cpus > least!.cores)
    throw new UserError(`--cpus ${cpus} is more than ${least!.name} has: ${least!.cores} cores`)
  const coresEach = cpus ?? (atOnce > 1 ? Math.floor(least!.cores / atOnce) : undefined)
  const available = coresEach ?? least!.cores
  const calibration = findCalibration(resultsFolder(), load, {
    cpuModel: least!.cpuModel ?? '',
    cores: available
  })
  const machines = { count: nodes.length, cores: available }
  const speed = calibration && speedOf(calibration)
  const { peers, mesh, messageTypes } = load
  const tabHolds = usualPeersPerTab(load.network)
  const layout = layOut({ peers, mesh, messageTypes, tabHolds }, machines, speed)
  return {
    nodes: nodes.map(({ name }) => name),
    /** Of each runner; undefined: all of its node. */
    coresEach,
    layout,
    /** Of the nodes, by their calibration; undefined if there is none. */
    speed,
    lines: [
      ...nodes.map(
        ({ name, cores, cpuModel }) => `${name}: ${cores} cores${cpuModel ? `, ${cpuModel}` : ''}`
      ),
      ...layoutLines(layout),
      `estimated ${basisOf(calibration)}`
    ]
  }
}

/** Throws UserError, with the settings that fit, if the peers do not. */
export function refuseUnfit({ layout, speed }: Placement): void {
  const { obstacle, machines } = layout
  if (obstacle === undefined) return
  const others = settingsThatFit(layout, machines, speed).map(({ tests, layout: fitting }) => {
    return `  ${flagsOf(fitting)}${tests > 1 ? `   (${tests} such tests)` : ''}`
  })
  throw new UserError(
    `This does not fit: ${obstacle}.\n${others.length > 0 ? `What fits:\n${others.join('\n')}` : 'Take more nodes or fewer peers.'}`
  )
}

/** Whether all nodes have the cores for two runners at once; else why not. */
export function whyNotAtOnce(nodes: readonly Node[], cpus: number | undefined): string | undefined {
  const short = nodes.find(({ cores }) => cores < 2 * (cpus ?? 1))
  return short && `${short.name} has ${short.cores} cores, and two runners need ${cpus ?? 1} each`
}

/** Both builds of a block at once, with equal limits, if each node has cores for both; else one by one. */
export async function arrangeOn(
  flags: FleetFlags & Omit<FleetLoad, 'library'> & ArrangementFlags,
  library: string
): Promise<Partial<Setting>> {
  const nodes = await allNodes(engineOf(flags))
  const obstacle =
    idleOn(flags.on).length > 0 || flags.lighthouseUrl !== undefined
      ? 'both builds would share one Lighthouse'
      : whyNotAtOnce(nodes, flags.cpus)
  const sharing = atOnceUnless(obstacle, flags, 'on these nodes')
  const chosen = await chooseLibrary(library, console.log)
  const load = { ...flags, library: chosen.library }
  const placement = placeOn(nodes, load, { cpus: flags.cpus, atOnce: sharing.sideBySide ? 2 : 1 })
  for (const line of placement.lines) console.log(line)
  refuseUnfit(placement)
  return {
    nodes: placement.nodes,
    ...(placement.coresEach !== undefined && { coresEach: placement.coresEach }),
    peersPerTab: flags.peersPerTab ?? placement.layout.peersPerTab,
    ...sharing
  }
}

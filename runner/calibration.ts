/** How many peers this machine was found to carry (peer-perf calibrate). */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { attempt } from '../protocol/attempt'
import { MESHES, MESSAGE_TYPES } from '../protocol/names'
import { notWritable } from '../cli/results-folder'
import { layOut } from './layout'

const calibrationSchema = z.object({
  cpuModel: z.string(),
  cores: z.number(),
  library: z.string(),
  routine: z.string(),
  messageTypes: z.enum(MESSAGE_TYPES),
  network: z.string(),
  mesh: z.enum(MESHES),
  /** Peers in all tabs together. */
  peers: z.number(),
  tabs: z.number(),
  /** Peers in one tab, when it is the only one. */
  peersInOneTab: z.number(),
  /** ms since 1970. */
  at: z.number()
})
export type Calibration = z.infer<typeof calibrationSchema>

/** What peers do determines their cost, so each combination is calibrated separately. */
export type Load = Pick<Calibration, 'library' | 'routine' | 'messageTypes' | 'network' | 'mesh'>

/** Contains a dot, which no test's id does: the results server treats NAME.json in its folder as a test. */
const fileIn = (folder: string) => join(folder, 'machine.calibration.json')

type Machine = Pick<Calibration, 'cpuModel' | 'cores'>

export function thisMachine(): Machine {
  return { cpuModel: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() }
}

/** Replaces an earlier finding for the same load on the same machine. Throws UserError. */
export function keepCalibration(folder: string, found: Calibration): string {
  const others = readAll(folder).filter((one) => !isFor(one, found))
  const file = fileIn(folder)
  try {
    // The earlier ones remain if the disk is full.
    writeFileSync(`${file}.tmp`, JSON.stringify([...others, found], undefined, 2))
    renameSync(`${file}.tmp`, file)
  } catch (error) {
    throw notWritable(folder, error as Error)
  }
  return file
}

/** How much of this load the machine carries; undefined if it was not calibrated. */
export function findCalibration(folder: string, load: Load, machine = thisMachine()) {
  return readAll(folder).find((one) => isFor(one, { ...load, ...machine }))
}

/** CPU that a trial of a calibration may use; the next one broke a rule. */
const CALIBRATED_SHARE = 0.9

/** Speed of a calibrated machine, relative to the one on which the costs of a peer were measured. */
export function speedOf({ peers, cores, mesh, messageTypes }: Calibration): number {
  return layOut({ peers, mesh, messageTypes }, { count: 1, cores }).busyCores / (CALIBRATED_SHARE * cores)
}

/** Where the costs behind an estimate come from. */
export function basisOf(calibration: Calibration | undefined): string {
  return calibration === undefined
    ? 'by the costs of layers 0.2.20, routine stand, on a shared virtual machine of two cores (docs/calibration.md): npx peer-perf calibrate measures yours'
    : `by the calibration of ${calibration.cores} cores of ${calibration.cpuModel}: ${calibration.peers} peers`
}

/** One line if the run asks for more than the machine carries; undefined otherwise. */
export function excessOf(
  { peersCount, peersPerTab }: { peersCount: number; peersPerTab: number },
  calibration: Calibration | undefined
): string | undefined {
  if (!calibration) return undefined
  const { peers, tabs, peersInOneTab } = calibration
  if (peersCount > peers)
    return `This machine was found to carry ${peers} such peers (in ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}), not ${peersCount}: the result may be void`
  if (peersPerTab > peersInOneTab)
    return `A tab of this machine was found to carry ${peersInOneTab} such peers, not ${peersPerTab}: the result may be void`
  return undefined
}

const isFor = (one: Calibration, wanted: Load & Machine) =>
  (['cpuModel', 'cores', 'library', 'routine', 'messageTypes', 'network', 'mesh'] as const).every(
    (part) => one[part] === wanted[part]
  )

/** A missing file, one that something else wrote, and a damaged entry count as no calibration. */
function readAll(folder: string): Calibration[] {
  const schema = z.array(calibrationSchema.nullable().catch(null))
  const entries = attempt(() => schema.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')))) ?? []
  return entries.filter((entry) => entry !== null)
}

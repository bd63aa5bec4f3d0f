/** What this machine was found to carry (npm run calibrate), and a warning where a run asks for more. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const calibrationSchema = z.object({
  cpuModel: z.string(),
  cores: z.number(),
  library: z.string(),
  routine: z.string(),
  messageTypes: z.string(),
  /** In all tabs together. */
  peers: z.number(),
  tabs: z.number(),
  /** In one tab, where there is no other. */
  peersInOneTab: z.number(),
  /** ms since 1970. */
  at: z.number()
})
export type Calibration = z.infer<typeof calibrationSchema>

/** What peers do decides what they cost: each combination is calibrated by itself. */
export type Load = Pick<Calibration, 'library' | 'routine' | 'messageTypes'>

/** With a dot, which no test's id has: the results server takes NAME.json in its folder for a test. */
const FILE = 'machine.calibration.json'
const fileIn = (folder: string) => join(folder, FILE)

export function thisMachine(): Pick<Calibration, 'cpuModel' | 'cores'> {
  return { cpuModel: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() }
}

/** Keeps a finding, in place of an earlier one of the same load on the same machine. */
export function keepCalibration(folder: string, found: Calibration): string {
  const others = readAll(folder).filter((one) => !isFor(one, found, found))
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileIn(folder), JSON.stringify([...others, found], undefined, 2))
  return fileIn(folder)
}

/** What this machine carries of such a load; undefined where it was not calibrated. */
export function findCalibration(
  folder: string,
  load: Load,
  machine = thisMachine()
): Calibration | undefined {
  return readAll(folder).find((one) => isFor(one, load, machine))
}

/** One line where more is asked for than the machine carries; undefined otherwise. */
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

function isFor(one: Calibration, load: Load, machine: Pick<Calibration, 'cpuModel' | 'cores'>): boolean {
  return (
    one.cpuModel === machine.cpuModel &&
    one.cores === machine.cores &&
    one.library === load.library &&
    one.routine === load.routine &&
    one.messageTypes === load.messageTypes
  )
}

/** A file that is absent, or was written by something else, is no calibration. */
function readAll(folder: string): Calibration[] {
  try {
    return z.array(calibrationSchema).parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')))
  } catch {
    return []
  }
}

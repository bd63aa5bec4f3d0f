/** Builds with a known fault, made by replacing text in the bundle of a published build. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface PlantedFault {
  name: string
  /** Text that occurs exactly once in the bundle, and its replacement. */
  replace: readonly (readonly [string, string])[]
}

/** Where the bundle of layers 0.2.20 receives a packet: the function may return before this text. */
export const RECEIVE = 'const packet = Packet.decode(Reader.create(data));'

/** An expression for a bundle: true in every `count`-th call. Each peer counts under `name`. */
export function every(count: number, name: string): string {
  return `(this.${name} = (this.${name} || 0) + 1) % ${count} === 0`
}

/** @throws Error if a text does not occur exactly once: the bundle is then not the expected one */
export function plant(bundle: string, { name, replace }: PlantedFault): string {
  return replace.reduce((text, [from, to]) => {
    const count = text.split(from).length - 1
    if (count !== 1)
      throw new Error(`Fault "${name}": its place occurs ${count} times in the bundle, not once`)
    return text.replace(from, () => to)
  }, bundle)
}

/** Copies the folder of a build to `folder`, which it replaces, and plants the fault in the copy. */
export async function copyWithFault(build: string, fault: PlantedFault, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await cp(build, folder, { recursive: true })
  const bundle = join(folder, 'bundle.js')
  await writeFile(bundle, plant(await readFile(bundle, 'utf8'), fault))
}

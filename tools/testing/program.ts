/** Programs that tests start, compiled as a user's are: tsx would load module after module at each start. */
import { writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { compiled } from '../compiled'

const made = new Map<string, Promise<string>>()

/** The compiled file of a source, given by its path in the checkout: for node, or for require(). */
export function programOf(source: string, name = `test-${source.replaceAll(/\W/g, '-')}`): Promise<string> {
  let file = made.get(source)
  if (file === undefined) {
    // Where nothing is kept, as under Bazel, once per process.
    file = compiled(name, [source]).then((folder) => join(folder, `${parse(source).name}.js`))
    made.set(source, file)
  }
  return file
}

/** Starts `peer-perf`, loaded by another file: compiled modules must not take themselves for the program. */
export async function peerPerf(): Promise<string> {
  const launcher = join(temporaryFolder(), 'peer-perf.cjs')
  // That of commands/peer-perf.cjs.
  writeFileSync(launcher, `require(${JSON.stringify(await programOf('commands/main.ts', 'program'))})\n`)
  return launcher
}

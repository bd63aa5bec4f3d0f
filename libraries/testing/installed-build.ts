/** A build of the peer library as npm installs it, without npm: dependencies of its own around it. */
import { appendFile, cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const MODULES = resolve('node_modules')
/** Most of the files of protobufjs: its command line needs them, no page does. */
const COMPILER = join(MODULES, 'protobufjs/cli/node_modules')
const NEEDED = ['fp-future', 'eventemitter3', 'simple-peer', 'protobufjs', 'long', '@protobufjs']

/** Returns the folder of the build. `modules` becomes the `node_modules` around it. */
export async function copyInstalled(modules: string): Promise<string> {
  const folder = join(modules, 'a-peer')
  const copy = (name: string, to: string) =>
    cp(join(MODULES, name), to, { recursive: true, dereference: true, filter: (path) => path !== COMPILER })
  await copy('peer-layers', folder)
  for (const name of NEEDED) await copy(name, join(modules, name))
  return folder
}

/** Changes both dependencies, so that a bundle which contains them can be recognised. */
export async function markDependencies(modules: string): Promise<void> {
  await appendFile(join(modules, 'simple-peer/simplepeer.min.js'), '\nglobalThis.OWN_SIMPLE_PEER = 1\n')
  await appendFile(join(modules, 'protobufjs/src/reader.js'), '\nglobalThis.OWN_PROTOBUFJS = 1\n')
}

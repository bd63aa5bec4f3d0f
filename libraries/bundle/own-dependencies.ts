/** Bundles each build with its own `simple-peer` and `protobufjs`, so that an upgrade of one is measured. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'
import { CODE, contentHash } from './content-hash'
import { installed, manifestOf, suitesDependency } from './sources'

const DEPENDENCIES = ['simple-peer', 'protobufjs'] as const
type Dependency = (typeof DEPENDENCIES)[number]

/** The copies that a build is bundled with. `isReplaced`: it comes without, and gets the suite's. */
export function dependenciesOf(folder: string) {
  return Promise.all(
    DEPENDENCIES.map(async (name) => {
      const own = installed(name, folder)
      const { version } = await manifestOf(own ?? suitesDependency(name))
      return { name, version: String(version), isReplaced: own === undefined }
    })
  )
}

export function ownDependencies(): Plugin {
  return {
    name: 'own dependencies',
    setup(build) {
      const copies = new Map<string, Promise<string>>()
      /** The suite's if it is equal: all share one, which simulation/world/direct-writer.ts speeds up. */
      const sharedProtobuf = (folder: string): Promise<string> => {
        const ours = suitesDependency('protobufjs')
        const copy =
          copies.get(folder) ?? isEqualPackage(folder, ours).then((equal) => (equal ? ours : folder))
        copies.set(folder, copy)
        return copy
      }
      build.onResolve(
        { filter: /^(?:simple-peer|protobufjs)(?:\/|$)/ },
        async ({ path, resolveDir, ...from }) => {
          const [name] = path.split('/', 1) as [Dependency]
          const own = installed(name, resolveDir) ?? suitesDependency(name)
          const copy = name === 'protobufjs' ? await sharedProtobuf(own) : own
          return build.resolve(entryOf(path, copy), { ...from, resolveDir: copy })
        }
      )
      // protobufjs looks for `long` by a `require` that only Node has. Without it, the libraries discard each
      // received packet, whose timestamp is a 64-bit integer, while the peer looks connected.
      build.onLoad({ filter: /@protobufjs.inquire.index\.js$/ }, ({ path }) => ({
        contents: 'module.exports = (name) => (name === "long" ? require("long") : null)',
        resolveDir: dirname(path)
      }))
    }
  }
}

/** The package's browser build includes shims for the Node modules that its sources import. */
function entryOf(path: string, folder: string): string {
  const prebuilt = join(folder, 'simplepeer.min.js')
  if (path === 'simple-peer' && existsSync(prebuilt)) return prebuilt
  return join(folder, path.slice(path.split('/', 1)[0]!.length))
}

/** Whether two packages have the same code, and the packages that they depend on as well. */
async function isEqualPackage(one: string, other: string, seen = new Set<string>()): Promise<boolean> {
  if (one === other || seen.has(one)) return true
  seen.add(one)
  const [hash, otherHash] = await Promise.all(
    [one, other].map((folder) => contentHash(folder, undefined, CODE))
  )
  if (hash !== otherHash) return false
  const { dependencies = {} } = await manifestOf(one)
  for (const name of Object.keys(dependencies).filter((each) => !each.startsWith('@types/'))) {
    const [its, others] = [installed(name, one), installed(name, other)]
    if (!its || !others || !(await isEqualPackage(its, others, seen))) return false
  }
  return true
}

/** Keeps a build of the peer library, a stranger's code, from reading files that its page could send away. */
import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, sep } from 'node:path'
import type { OnLoadResult, Plugin, ResolveResult } from 'esbuild'

export const CONFINEMENT = 'confinement'

const CHECKED = Symbol('resolved by the plugin itself')
const NODE_MODULES = `${sep}node_modules`
/** esbuild puts every file that a source map names into the page's own source map. */
const SOURCE_MAP = /(\/[/*])[#@](?=\s*sourceMappingURL=)/g
const CODE = /\.(?:[cm]?[jt]s|[jt]sx|css)$/

/**
 * @param builds by the name of their import: each may read its folder and the `node_modules` around it
 * @param shared folders that they may read as well
 */
export function confine(builds: Readonly<Record<string, string>>, shared: readonly string[]): Plugin {
  return {
    name: CONFINEMENT,
    async setup(build) {
      const own = await Promise.all(Object.values(builds).map((folder) => realpath(territoryOf(folder))))
      const allowed = [...own, ...(await Promise.all(shared.map((folder) => realpath(folder))))]
      /** Files that the suite's code imports. esbuild names no importer for the files that a glob matches. */
      const imported = new Set<string>()

      build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === CHECKED) return undefined
        const result = await build.resolve(path, { ...from, pluginData: CHECKED })
        // esbuild itself then says in which line, which is not known here.
        if (result.errors.length > 0) return undefined
        // The manifest of a build says which file its name means.
        const isStrange =
          from.namespace !== 'file' ||
          Object.hasOwn(builds, path.split('/', 1)[0]!) ||
          (await isIn(own, from.importer))
        if (isStrange && (await isForbidden(result))) return refusal(result.path)
        imported.add(result.path)
        return undefined
      })
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path, with: { type } }) => {
        const isOwn = await isIn(own, path)
        if (!imported.has(path) && !isOwn) return refusal(path)
        return isOwn && type === undefined ? withoutSourceMap(path) : undefined
      })

      async function isForbidden({ namespace, path }: ResolveResult): Promise<boolean> {
        // Node's modules, and addresses on the web, are no files.
        return namespace === 'file' && isAbsolute(path) && !(await isIn(allowed, path))
      }
    }
  }
}

function refusal(path: string) {
  const text = `The build of the peer library reads ${path}, outside its folder and its node_modules: it is not bundled`
  return { errors: [{ text }] }
}

/** The `node_modules` in which a build is installed, or its folder if it is not. */
export function territoryOf(folder: string): string {
  const end = folder.lastIndexOf(NODE_MODULES + sep)
  return end < 0 ? folder : folder.slice(0, end + NODE_MODULES.length)
}

/** Whether the file, wherever its links lead, is in one of the folders, or is one. */
export async function isIn(folders: readonly string[], path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path)
  return folders.some((folder) => (real + sep).startsWith(folder + sep))
}

async function withoutSourceMap(path: string): Promise<OnLoadResult | undefined> {
  if (!CODE.test(path)) return undefined
  const text = await readFile(path, 'utf8')
  const contents = text.replace(SOURCE_MAP, '$1')
  return contents === text ? undefined : { loader: 'default', contents }
}

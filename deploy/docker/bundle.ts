/**
 * Bundles a program with everything it imports, so that its image needs no node_modules:
 * `tsx deploy/docker/bundle.ts client FOLDER`
 */
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { dirname, resolve } from 'node:path'
import { fail } from '../../cli/command'
import { UserError } from '../../cli/user-error'

const ROOT = resolve(__dirname, '../..')

/** Programs of each image, by file name. The server finds its workers next to itself. */
export const PROGRAMS: Record<string, Record<string, string>> = {
  client: { 'run-clients': 'run-clients.ts' },
  server: {
    server: 'server/server.ts',
    'body-worker': 'server/http/body-worker.ts',
    'results-worker': 'server/store/results-worker.ts',
    'relay-worker': 'server/influx/relay-worker.ts',
    'one-test': 'deploy/docker/one-test.ts',
    lighthouse: 'lighthouse/server.ts'
  }
}

/**
 * A compiler for sources, and for Puppeteer's configuration if it is TypeScript; and an interpreter, a sixth
 * of the bundle, for a proxy that a script chooses while a browser is downloaded.
 */
export const NEVER_USED = ['typescript', 'tsx', 'pac-proxy-agent']

/** Leaves out a quarter of each bundle. */
export const slim: Plugin = {
  name: 'slim',
  setup(bundler) {
    // Messages in 40 languages: English is imported by itself. Tables of East Asian encodings: JSON is UTF-8.
    const filter = /\/(zod\/v4\/locales\/index\.c?js|iconv-lite\/encodings\/dbcs-data\.js)$/
    bundler.onLoad({ filter }, () => ({ contents: 'module.exports = {}' }))
  }
}

/** A page stands beside the program, or comes with the test: the code that builds one is left out. */
const withoutPageBuilder: Plugin = {
  name: 'without-page-builder',
  setup(bundler) {
    bundler.onLoad({ filter: /\/libraries\/bundle\/own-page\.ts$/ }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `import { servePage } from './static-server'
export const serveOwnPage = () => servePage(__dirname + '/page')`
    }))
    bundler.onLoad({ filter: /\/libraries\/library\.ts$/ }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `import { readFileSync } from 'node:fs'
import { UserError } from '../cli/user-error'
export const chooseLibrary = async (library) => {
  if (library === 'layers' || library === 'islands') {
    const options = JSON.parse(readFileSync(__dirname + '/options.json', 'utf8'))
    return { library, page: {}, options: options[library] }
  }
  throw new UserError('PEER_LIBRARY was chosen when this program was built: unset it')
}`
    }))
  }
}

/** How programs for Node.js are bundled. */
export const NODE_PROGRAM = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  // A minified name in an error's trace tells nobody anything.
  keepNames: true,
  logLevel: 'warning'
} as const satisfies BuildOptions

export async function bundleProgram(program: string, folder: string): Promise<void> {
  const entryPoints = PROGRAMS[program]
  if (entryPoints === undefined || folder === '')
    throw new UserError(`Usage: tsx deploy/docker/bundle.ts ${Object.keys(PROGRAMS).join('|')} FOLDER`)
  await build({
    ...NODE_PROGRAM,
    entryPoints,
    outdir: folder,
    external: NEVER_USED,
    plugins: [slim, withoutPageBuilder]
  })
}

if (require.main === module) {
  const [program = '', folder = ''] = process.argv.slice(2)
  bundleProgram(program, folder).catch(fail)
}

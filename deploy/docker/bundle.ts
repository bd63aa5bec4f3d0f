/**
 * Bundles a program and everything it imports into plain JavaScript files, so that its image needs no
 * node_modules:
 * `tsx deploy/docker/bundle.ts client FOLDER`
 */
import { build, type Plugin } from 'esbuild'
import { dirname, resolve } from 'node:path'
import { PROGRAMS } from './programs'

const ROOT = resolve(__dirname, '../..')

/** A page stands beside the program, or comes with the test: the code that builds one is left out. */
const withoutPageBuilder: Plugin = {
  name: 'without-page-builder',
  setup(bundler) {
    bundler.onLoad({ filter: /\/client\/bundle\/own-page\.ts$/ }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `import { servePage } from './static-server'
export const serveOwnPage = () => servePage(__dirname + '/page')`
    }))
    bundler.onLoad({ filter: /\/client\/builds\/library\.ts$/ }, () => ({
      contents: `export const chooseLibrary = async (library) => {
  if (library === 'layers' || library === 'islands') return { library, page: {}, options: null }
  throw new Error('PEER_LIBRARY was chosen when this program was built: unset it')
}`
    }))
  }
}

export async function bundleProgram(program: string, folder: string): Promise<void> {
  const entryPoints = PROGRAMS[program]
  if (entryPoints === undefined || folder === '') {
    throw new Error(`Usage: tsx deploy/docker/bundle.ts ${Object.keys(PROGRAMS).join('|')} FOLDER`)
  }
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Only sources need a compiler, and Puppeteer's configuration if it is TypeScript.
    external: ['typescript', 'tsx'],
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [withoutPageBuilder],
    logLevel: 'warning'
  })
}

if (require.main === module) {
  const [program = '', folder = ''] = process.argv.slice(2)
  bundleProgram(program, folder).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}

/**
 * Bundles a program and everything it imports into plain JavaScript files, so that its image needs no
 * node_modules:
 * `tsx deploy/docker/bundle.ts client FOLDER`
 */
import { build, type Plugin } from 'esbuild'
import { resolve } from 'node:path'
import { PROGRAMS } from './programs'

const ROOT = resolve(__dirname, '../..')

/** The image already contains its page, so the code that builds one, and the bundler, are left out. */
const withoutPageBuilder: Plugin = {
  name: 'without-page-builder',
  setup(bundler) {
    bundler.onLoad({ filter: /\/(client\/bundle\/own-page|client\/builds\/library)\.ts$/ }, () => ({
      contents: `export const serveOwnPage = () => { throw new Error('CLIENT_URL is missing: client_entrypoint.sh sets it') }
export const chooseLibrary = serveOwnPage`
    }))
  }
}

async function main(): Promise<void> {
  const [program = '', folder = ''] = process.argv.slice(2)
  const entryPoints = PROGRAMS[program]
  if (entryPoints === undefined || folder === '') {
    throw new Error(`Usage: tsx deploy/docker/bundle.ts ${Object.keys(PROGRAMS).join('|')} FOLDER`)
  }
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    entryNames: '[name]',
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})

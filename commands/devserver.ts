/** The client page for development: rebuilt on each change, and the browser reloads. */
import { Command } from 'commander'
import { context, type Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aborted } from '../cli/command'
import { addFlags, whole } from '../cli/flags'
import { listenError } from '../cli/listen-error'
import { messageOf, UserError } from '../cli/user-error'
import { bundleOptions, copyPageFiles } from '../libraries/bundle/bundle'
import { REBUILDS_PATH, servePage } from '../libraries/bundle/static-server'

/** A server-sent event notifies the page of each rebuild. */
const LIVE_RELOAD = `new EventSource('${REBUILDS_PATH}').addEventListener('change', () => location.reload())`

export const program = addFlags(new Command('npx peer-perf devserver'), [
  ['--port <port>', 'port to listen on', 'PORT', 7654, whole(1, 65_535)],
  ['--host <host>', 'address to listen on; anyone who reaches it sees the page', 'HOST', '127.0.0.1']
]).description('Serves the client page, rebuilds it at each change and reloads the browser.')

export const isService = true

export async function run(signal: AbortSignal): Promise<number> {
  const { host, port } = program.opts<{ host: string; port: number }>()
  const outDir = join(__dirname, '../build/devserver')
  // In somebody else's checkout. Faults of the sources can be mended while it runs.
  await copyPageFiles(outDir).catch((error: unknown) => {
    throw new UserError(`The page cannot be built here: ${messageOf(error)}`)
  })
  const rebuilds = new EventTarget()
  const options = await bundleOptions({ outDir, plugins: [followPage(outDir, rebuilds)] })
  const builder = await context({ ...options, banner: { js: LIVE_RELOAD }, logLevel: 'warning' })
  try {
    // esbuild's own server cannot send our headers, and without cross-origin isolation the page's clock has a
    // resolution of only 0.1 ms.
    const page = await servePage(outDir, { host, port, rebuilds })
    await builder.watch()
    console.log(`The page is at ${page.url} (press Ctrl-C to stop)`)
    await aborted(signal)
    await page.close()
    return 0
  } catch (error) {
    throw listenError(error, host, port, 'The page cannot be served')
  } finally {
    await builder.dispose()
  }
}

/** Copies index.html with each build, rebuilds when it changes, and announces each build after the first. */
function followPage(outDir: string, rebuilds: EventTarget): Plugin {
  return {
    name: 'page-files',
    setup(build) {
      let isFirst = true
      build.onEnd(({ errors }) => {
        if (!isFirst && errors.length === 0) rebuilds.dispatchEvent(new Event('change'))
        isFirst = false
      })
      build.onStart(() => copyPageFiles(outDir))
      build.onLoad({ filter: /client\/index\.ts$/ }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'ts',
        watchFiles: [path, join(__dirname, '../client/index.html')]
      }))
    }
  }
}

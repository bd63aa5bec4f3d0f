/** The client page for development: rebuilt on each change, and the browser reloads. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { context, type BuildFailure, type Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aborted } from '../options/command'
import { UserError } from '../options/user-error'
import { bundleOptions, copyPageFiles } from '../client/bundle/bundle'
import { REBUILDS_PATH, servePage } from '../client/bundle/static-server'

/** A server-sent event notifies the page of each rebuild. */
const LIVE_RELOAD = `new EventSource('${REBUILDS_PATH}').addEventListener('change', () => location.reload())`

export const program = new Command('npx peer-perf devserver')
  .description('Serves the client page on loopback, rebuilds it at each change and reloads the browser.')
  .addOption(new Option('--port <port>', 'port to listen on').env('PORT').default(7654).argParser(parsePort))
  .addOption(
    new Option('--host <host>', 'address to listen on; anyone who reaches it sees the page')
      .env('HOST')
      .default('127.0.0.1')
  )

export const isService = true

export async function run(signal: AbortSignal): Promise<number> {
  const { host, port } = program.opts<{ host: string; port: number }>()
  const outDir = join(__dirname, '../build/devserver')
  const rebuilds = new EventTarget()
  const options = await bundleOptions({ outDir, plugins: [watchPageFiles(outDir), announce(rebuilds)] })
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
    throw new UserError(explain(error as Error, host, port))
  } finally {
    await builder.dispose()
  }
}

/** Announces each build after the first. */
function announce(rebuilds: EventTarget): Plugin {
  return {
    name: 'announce',
    setup(build) {
      let isFirst = true
      build.onEnd(({ errors }) => {
        if (!isFirst && errors.length === 0) rebuilds.dispatchEvent(new Event('change'))
        isFirst = false
      })
    }
  }
}

/** Copies index.html with each build, and makes esbuild rebuild when it changes. */
function watchPageFiles(outDir: string): Plugin {
  return {
    name: 'page-files',
    setup(build) {
      build.onStart(() => copyPageFiles(outDir))
      build.onLoad({ filter: /client\/page\/index\.ts$/ }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'ts',
        watchFiles: [path, join(__dirname, '../client/page/index.html')]
      }))
    }
  }
}

/** One line that names the fix. */
function explain(error: Error, host: string, port: number): string {
  if (/address already in use|already in use/i.test(error.message)) {
    return `Port ${port} is in use: choose another, for example PORT=${port + 1}`
  }
  if (/permission denied/i.test(error.message)) {
    return `Not allowed to listen on port ${port}: choose one above 1023, for example PORT=7654`
  }
  if (/not available|ENOTFOUND|EAI_AGAIN/i.test(error.message)) {
    return `HOST=${host} is not an address of this machine: use 127.0.0.1 for this machine only, or 0.0.0.0 for all networks`
  }
  const [first] = (error as Partial<BuildFailure>).errors ?? []
  return `The page cannot be served: ${first?.text ?? error.message}`
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('PORT must be a whole number from 1 to 65535.')
  }
  return port
}

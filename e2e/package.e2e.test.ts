/** The package as a maintainer of the library has it: in an empty folder, far from this checkout. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { name } from '../package.json'
import type { Summary } from '../protocol/summary'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser, newTab } from '../runner/launch'
import type { onNetwork as OnNetwork, PlaywrightPage } from '../runner/on-network'
import type { simulate as Simulate } from '../simulation/api'
import { addressOf } from './support/command'

const PACKED_MB = 3
const BELONGS =
  /^(?:package\.json|README\.md|LICENSE|commands\/peer-perf\.cjs|build\/package\/[\w/.-]+|docs\/[\w-]+\.md)$/

interface Ended {
  code: number
  stdout: string
  stderr: string
}

describe('the npm package', () => {
  let home: string
  const inPackage = (path: string) => join(home, 'node_modules', name, 'build/package', path)

  function run(command: string, args: readonly string[], cwd = home): Promise<Ended> {
    const env = { ...process.env, TEST_RESULTS_LOCATION: join(home, 'results'), NODE_OPTIONS: '', CI: 'true' }
    return promisify(execFile)(command, [...args], { cwd, env, maxBuffer: 2 ** 26 }).then(
      (streams) => ({ code: 0, ...streams }),
      (error: unknown) => error as Ended
    )
  }

  const good = async (command: string, args: readonly string[], cwd?: string) => {
    const { code, stdout, stderr } = await run(command, args, cwd)
    assert.equal(code, 0, stderr)
    return stdout
  }

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'package-'))
  })
  after(() => rm(home, { recursive: true }))

  it('holds only what belongs, in 3 MB, and installs without its own scripts', async (test) => {
    const packed = await good(
      'npm',
      ['pack', '--json', '--loglevel=error', '--pack-destination', home],
      resolve('.')
    )
    const [tarball] = JSON.parse(packed.slice(packed.indexOf('[\n'))) as [
      { filename: string; size: number; unpackedSize: number; files: { path: string }[] }
    ]
    const paths = tarball.files.map(({ path }) => path)
    assert.deepEqual(
      paths.filter((path) => !BELONGS.test(path)),
      []
    )
    await writeFile(join(home, 'package.json'), '{}')
    const began = performance.now()
    await good('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      join(home, tarball.filename)
    ])
    const seconds = (performance.now() - began) / 1000
    const installed = Number((await good('du', ['-sk', 'node_modules'])).split('\t')[0])
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
    test.diagnostic(
      `Package: ${paths.length} files, packed ${megabytes(tarball.size)}, unpacked ${megabytes(tarball.unpackedSize)}; ` +
        `with its dependencies ${megabytes(installed * 1024)}, installed in ${seconds.toFixed(1)} s`
    )
    assert.ok(tarball.size < PACKED_MB * 1e6, megabytes(tarball.size))
  })

  it('answers --help without a compiler', async () => {
    const help = await good('npx', ['peer-perf', 'compare', '--help'])
    assert.match(help, /--baseline <build>/)
    assert.match(await good('npx', ['peer-perf', 'compare', '--version']), /^\d+\.\d+\.\d+\n$/)
    assert.match(
      (await run('npx', ['peer-perf', 'bench'])).stderr,
      /works on the sources: clone the repository/
    )
  })

  it('serves results with its dashboard', async () => {
    const args = ['node_modules/.bin/peer-perf', 'server', '--port', '0', '--folder', 'served']
    const server = spawn('node', args, { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const address = await addressOf(server.stdout)
      assert.equal((await fetch(`${address}/dashboard.js`)).status, 200)
    } finally {
      server.kill('SIGKILL')
    }
  })

  it('compares a local build in virtual time, as peer-perf.json says', async () => {
    await cp(join(home, 'node_modules/peer-layers'), join(home, 'my-peer'), { recursive: true })
    const agreed = {
      $schema: `./node_modules/${name}/build/package/schemas/peer-perf.json`,
      ...{ baseline: 'decentraland-katalyst-peer@0.2.20', candidate: 'file:my-peer', engine: 'simulation' },
      ...{ peers: 3, duration: 3, warmup: 1, blocks: 2, gate: 'only,latency' }
    }
    await writeFile(join(home, 'peer-perf.json'), JSON.stringify(agreed))
    const { code, stdout, stderr } = await run('npx', ['peer-perf', 'compare', '--json'])
    assert.equal(code, 4, stderr)
    const { gate, heading } = JSON.parse(stdout) as {
      gate: { verdict: string; engine: string }
      heading: { title: string }
    }
    assert.deepEqual([gate.verdict, gate.engine], ['undecided', 'simulation'])
    assert.match(heading.title, /^file:my-peer \(0\.2\.20, .*\) against decentraland-katalyst-peer@0\.2\.20/)
  })

  it('tests in a browser, with the servers and pages that it brings', async () => {
    const { code, stdout, stderr } = await run('npx', [
      ...[
        'peer-perf',
        'run',
        '--library',
        'file:my-peer',
        '--peers',
        '2',
        '--duration',
        '3',
        '--warmup',
        '1'
      ],
      '--json'
    ])
    // A busy machine makes it void.
    assert.ok([0, 3].includes(code), stderr)
    const { summary } = JSON.parse(stdout) as { summary: Summary }
    assert.equal(summary.provenance.libraries[0]!.version, '0.2.20')
    assert.ok(summary.delivery.position! > 0)
  })

  it('gives the verdict alone, and refuses what it cannot judge', async () => {
    const blocks = Array.from({ length: 9 }, (_, block) => ({
      baseline: { values: { bytes: 100 } },
      candidate: block === 0 ? { machine: 'another job ran' } : { values: { bytes: 130 } }
    }))
    const request = { metrics: [{ name: 'bytes', better: 'lower', margin: 0.1, unit: 'bytes' }], blocks }
    const wrong = { ...request, metrics: [{ name: 'byte', better: 'lower', margin: 0.1 }] }
    const program = (where: string) => `import { verdictOf } from '${where}'
      const { verdict, headline } = verdictOf(${JSON.stringify(request)})
      let line
      try { verdictOf(${JSON.stringify(wrong)}) } catch (error) { line = error.message }
      console.log(JSON.stringify({ verdict, headline, line }))`
    const printed = await good('node', ['--input-type=module', '--eval', program(`${name}/verdict`)])
    assert.deepEqual(JSON.parse(printed), {
      verdict: 'worse',
      headline: 'worse in bytes: bytes +30%, margin 10%',
      line: 'block 1, baseline: "bytes" is not one of the metrics'
    })
    await cp(inPackage('verdict.mjs'), join(home, 'alone.mjs'))
    assert.equal(await good('node', ['--input-type=module', '--eval', program('./alone.mjs')]), printed)
  })

  it('simulates from a program', async () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as a program outside has it
    const { simulate } = require(inPackage('simulation.js')) as { simulate: typeof Simulate }
    const [one, other] = await Promise.all(
      [1, 2].map((seed) => simulate({ library: 'layers', peers: 3, duration: 2, warmup: 1, seed }))
    )
    assert.deepEqual([one![0]!.metric('delivery.position'), one![0]!.failures], [1, []])
    assert.notEqual(one![0]!.packetLog, other![0]!.packetLog)
    await assert.rejects(simulate({ pears: 3 }), /unknown option '--pears=3'/)
  })

  it('judges in a page, and puts the page of Puppeteer or Playwright on a line', async () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as a program outside has it
    const { onNetwork } = require(inPackage('network.js')) as { onNetwork: typeof OnNetwork }
    const module = await readFile(inPackage('verdict.mjs'))
    const server = createServer((request, response) => {
      const isPage = request.url === '/'
      response.setHeader('Content-Type', isPage ? 'text/html' : 'text/javascript')
      response.end(isPage ? '<title>a page</title>' : module)
    }).listen(0)
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`
    const silent = () => undefined
    const browser = await launchBrowser(await obtainBrowser(silent), origin, silent)
    try {
      const page = await newTab(browser, origin)
      const line = await onNetwork(page, 'wifi-lossy')
      await page.goto(origin)
      assert.equal(await page.evaluate(JUDGE), 'undecided')
      const quick = (await page.evaluate(ROUND_TRIP)) as number
      assert.ok(quick > 55, `${quick} ms`)
      await line.change('delay=300ms')
      const slow = (await page.evaluate(ROUND_TRIP)) as number
      assert.ok(slow > 590, `${slow} ms`)
      await assert.rejects(line.change('home:2,4g:1'), /several lines: a page has one/)
      await assert.rejects(onNetwork(page, 'jitter=5ms'), /cannot emulate/)

      const other = await newTab(browser, origin)
      const asPlaywright: PlaywrightPage = {
        context: () => ({ newCDPSession: () => other.createCDPSession() })
      }
      await onNetwork(asPlaywright, 'delay=100ms')
      await other.goto(origin)
      assert.ok(((await other.evaluate(ROUND_TRIP)) as number) > 190)
    } finally {
      await browser.close()
      server.close()
    }
  })

  it('has types for all that it exports', async () => {
    const program = `import { verdictOf, type Verdict } from '${name}/verdict'
      import { onNetwork } from '${name}/network'
      import { simulate } from '${name}/simulation'
      declare const page: Parameters<typeof onNetwork>[0]
      const { exitCode }: Verdict = verdictOf({ metrics: [], blocks: [] })
      // @ts-expect-error -- a metric is better one way
      verdictOf({ metrics: [{ name: 'x', margin: 1 }], blocks: [] })
      export const all = [exitCode satisfies 0 | 2 | 4, onNetwork(page, 'home'), simulate({ peers: 2 })]`
    await writeFile(join(home, 'program.mts'), program)
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', 'program.mts']
    const { code, stdout } = await run(resolve('node_modules/.bin/tsc'), flags)
    assert.equal(code, 0, stdout)
  })
})

const JUDGE = `import('/verdict.mjs').then(({ verdictOf }) =>
  verdictOf({ metrics: [{ name: 'ms', better: 'lower', margin: 0.05 }], blocks: [] }).verdict)`

/** The shortest of a few round trips between two connections of one page, in ms. */
const ROUND_TRIP = `(async () => {
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()]
  near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate)
  far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate)
  far.ondatachannel = ({ channel }) => { channel.onmessage = ({ data }) => channel.send(data) }
  const channel = near.createDataChannel('probe')
  const opened = new Promise((resolve) => (channel.onopen = resolve))
  await near.setLocalDescription(await near.createOffer())
  await far.setRemoteDescription(near.localDescription)
  await far.setLocalDescription(await far.createAnswer())
  await near.setRemoteDescription(far.localDescription)
  await opened
  const times = []
  for (let count = 0; count < 3; count++) {
    const begin = performance.now()
    channel.send('x')
    await new Promise((resolve) => (channel.onmessage = resolve))
    times.push(performance.now() - begin)
  }
  near.close()
  far.close()
  return Math.min(...times)
})()`

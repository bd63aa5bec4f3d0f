import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import puppeteer from 'puppeteer'
import { launchArguments, launchBrowser } from './launch'

describe('the browser’s arguments', () => {
  const cases: { it: string; loopbackOnly: boolean; isRoot: boolean; has: string[]; lacks: string[] }[] = [
    {
      it: 'show real addresses to peers, keep the sandbox, and take no proxy that Node takes none of',
      loopbackOnly: false,
      isRoot: false,
      has: ['--disable-features=WebRtcHideLocalIpsWithMdns', '--proxy-server=direct://'],
      lacks: ['--no-sandbox', '--allow-loopback-in-peer-connection']
    },
    {
      it: 'do without the sandbox for root alone',
      loopbackOnly: false,
      isRoot: true,
      has: ['--no-sandbox'],
      lacks: []
    },
    {
      it: 'allow loopback where there is nothing else',
      loopbackOnly: true,
      isRoot: false,
      has: ['--allow-loopback-in-peer-connection'],
      lacks: []
    }
  ]
  for (const { it: name, loopbackOnly, isRoot, has, lacks } of cases) {
    it(name, () => {
      const args = launchArguments(loopbackOnly, isRoot)
      for (const arg of has) assert.ok(args.includes(arg), arg)
      for (const arg of lacks) assert.ok(!args.includes(arg), arg)
    })
  }

  for (const [name, value, isProxied] of [
    ['NODE_USE_ENV_PROXY', '1', true],
    ['NODE_USE_ENV_PROXY', '0', false],
    ['NODE_OPTIONS', '--use-env-proxy', true]
  ] as const)
    it(`${isProxied ? 'leave the proxy to the surroundings' : 'take no proxy'} with ${name}=${value}`, (t) => {
      const before = process.env
      t.after(() => (process.env = before))
      process.env = { ...before, [name]: value }
      assert.equal(launchArguments(false).includes('--proxy-server=direct://'), !isProxied)
    })

  it('are a fresh array each time: puppeteer changes the one it is given', () =>
    assert.notEqual(launchArguments(false), launchArguments(false)))

  it('are Chromium’s, whatever browser puppeteer is configured for', async (t) => {
    const { configuration } = puppeteer as unknown as { configuration: { defaultBrowser: string } }
    const { defaultBrowser } = configuration
    const folder = mkdtempSync(join(tmpdir(), 'launch-'))
    t.after(() => {
      configuration.defaultBrowser = defaultBrowser
      rmSync(folder, { recursive: true })
    })
    // As PUPPETEER_BROWSER and the project's configuration of puppeteer do.
    configuration.defaultBrowser = 'firefox'
    const browser = join(folder, 'chromium')
    writeFileSync(browser, '#!/bin/sh\necho "$@" > "$0.args"\nexit 1\n', { mode: 0o755 })
    await assert.rejects(
      launchBrowser(browser, undefined, () => undefined),
      /does not start/
    )
    assert.match(readFileSync(`${browser}.args`, 'utf8'), /--disable-background-timer-throttling/)
  })
})

const isLinux = existsSync('/proc/self/limits')
it('a browser that may open few files is told of, as it ends without a word', { skip: !isLinux }, () => {
  const launch = `require('./runner/launch').launchBrowser('/bin/false', undefined, console.log).catch(() => 0)`
  const args = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--require', 'tsx/cjs', '-e', launch]
  const { stdout } = spawnSync('sh', args, { encoding: 'utf8', cwd: join(__dirname, '..') })
  assert.match(stdout, /^The browser may open only 64 files, .*: ulimit -n 1024$/m)
})

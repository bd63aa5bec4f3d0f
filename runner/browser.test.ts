import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { obtainBrowser, surroundings, type Surroundings } from './browser'

const folder = mkdtempSync(join(tmpdir(), 'browsers-'))
after(() => rmSync(folder, { recursive: true }))

function executable(...path: string[]): string {
  const file = join(folder, ...path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o755)
  return file
}

const chosen = executable('chosen')
const chromium = executable('bin', 'chromium')
const headlessShell = executable('bin-with-both', 'chromium-headless-shell')
executable('bin-with-both', 'chromium')
const cached = executable(
  'cache/chrome-headless-shell/linux-148.0.7778.97/chrome-headless-shell-linux64/chrome-headless-shell'
)

/** A machine that has nothing and reaches nothing, except for what `parts` provides. */
const machine = (parts: Partial<Surroundings>): Surroundings => ({
  env: { PATH: join(folder, 'empty') },
  cacheFolder: join(folder, 'no-cache'),
  installedChrome: () => undefined,
  download: () => Promise.resolve(undefined),
  installPackage: () => undefined,
  ...parts
})

const bin = (name: string) => ({ PATH: join(folder, name) })

it('needs no home folder where a browser is installed', async (t) => {
  const { HOME } = process.env
  t.after(() => (process.env.HOME = HOME))
  process.env.HOME = ''
  const where = surroundings({ PUPPETEER_EXECUTABLE_PATH: chosen })
  assert.equal(await obtainBrowser(() => undefined, where), chosen)
})

const cases: { finds: string; where: Partial<Surroundings>; path: string }[] = [
  {
    finds: 'the one that the user names, whatever else there is',
    where: { env: { ...bin('bin'), PUPPETEER_EXECUTABLE_PATH: chosen } },
    path: chosen
  },
  {
    finds: 'an installed one, where the variable is empty',
    where: { env: { ...bin('bin'), PUPPETEER_EXECUTABLE_PATH: '' }, cacheFolder: join(folder, 'cache') },
    path: chromium
  },
  {
    finds: 'the headless shell before the full browser',
    where: { env: bin('bin-with-both') },
    path: headlessShell
  },
  {
    finds: 'Chrome where its installer puts it, before the cache',
    where: { installedChrome: () => '/opt/google/chrome/chrome', cacheFolder: join(folder, 'cache') },
    path: '/opt/google/chrome/chrome'
  },
  {
    finds: 'a download, before the package',
    where: { download: () => Promise.resolve('/downloaded'), installPackage: () => '/packaged' },
    path: '/downloaded'
  },
  {
    finds: 'the package where the download can’t be reached',
    where: { installPackage: () => '/packaged' },
    path: '/packaged'
  }
]

describe('obtaining a browser finds', () => {
  const tell = () => undefined
  for (const { finds, where, path } of cases) {
    it(finds, async () => assert.equal(await obtainBrowser(tell, machine(where)), path))
  }

  it('one in puppeteer’s cache', async () =>
    assert.equal(await obtainBrowser(tell, machine({ cacheFolder: join(folder, 'cache') })), cached))

  it('nothing, and says what to type', async () => {
    await assert.rejects(obtainBrowser(tell, machine({})), {
      name: 'UserError',
      message: /PUPPETEER_EXECUTABLE_PATH[^]*npx puppeteer browsers install[^]*apt-get install chromium/
    })
  })

  for (const [what, path] of [
    ['wrong', join(folder, 'gone')],
    ['that of its folder', join(folder, 'bin')]
  ] as const)
    it(`no fault with others where the path that the user names is ${what}`, async () => {
      const env = { ...bin('bin'), PUPPETEER_EXECUTABLE_PATH: path }
      await assert.rejects(obtainBrowser(tell, machine({ env })), {
        name: 'UserError',
        message: /correct it, or unset it/
      })
    })
})

it('An empty PUPPETEER_CACHE_DIR is none', () =>
  assert.equal(surroundings({ PUPPETEER_CACHE_DIR: '' }).cacheFolder, surroundings({}).cacheFolder))

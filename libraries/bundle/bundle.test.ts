import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { buildPage } from './bundle'

describe('a build that cannot be bundled', () => {
  const root = temporaryFolder()
  const folder = join(root, 'node_modules/mine')

  before(async () => {
    await mkdir(folder, { recursive: true })
  })

  const code = 'export const buildCatalystPeerStatsData = 0, setLayer = 0\n'
  const failures: [what: string, files: Record<string, string>, says: string][] = [
    [
      'awaits at its top level',
      { 'index.js': `${code}await 0` },
      'index.js, line 2: Top-level await is currently not supported with the "iife" output format'
    ],
    [
      'does not declare what it imports',
      { 'dist/part.js': "export * from 'not-declared'", 'index.js': `${code}export * from './dist/part'` },
      'dist/part.js, line 1: Could not resolve "not-declared"'
    ],
    [
      'imports what a CI would obey',
      { 'index.js': `${code}export * from '##[error]x'` },
      'index.js, line 2: Could not resolve "##\ufffd[error]x"'
    ],
    [
      'has a broken dependency',
      { '../other/index.js': 'export const', 'index.js': `${code}export * from 'other'` },
      '../other/index.js, line 1: Expected identifier but found end of file'
    ],
    [
      'exports nothing that is there',
      { 'package.json': '{ "name": "mine",\n "version": "1.0.0",\n "exports": "./gone.js" }' },
      'package.json, line 3: The module "./gone.js" was not found on the file system'
    ],
    [
      'exports nothing to an import',
      { 'package.json': '{ "name": "mine", "version": "1.0.0", "exports": { "require": "./index.js" } }' },
      'package.json, line 1: The path "." is not currently exported by package "mine"'
    ]
  ]
  for (const [what, files, says] of failures)
    it(`is refused in one line: ${what}`, async () => {
      for (const [file, text] of Object.entries({
        'package.json': '{ "name": "mine", "version": "1.0.0" }',
        ...files
      })) {
        await mkdir(dirname(join(folder, file)), { recursive: true })
        await writeFile(join(folder, file), text)
      }
      await assert.rejects(
        buildPage({ outDir: join(root, 'page'), libraries: { layers: { folder, name: 'file:../mine' } } }),
        { name: 'UserError', message: `file:../mine cannot be bundled: ${says}` }
      )
    })
})

it('a folder that takes no page is named in one line', async () => {
  const file = join(temporaryFolder(), 'file')
  await writeFile(file, '')
  await assert.rejects(buildPage({ outDir: join(file, 'page') }), {
    name: 'UserError',
    message: /^The page cannot be bundled: .*file: not a directory/
  })
})

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { kindOf, testFiles, type Kind } from './test-files'

describe('the kind of a test file', () => {
  const cases: [string, Kind][] = [
    ['analysis/format.test.ts', 'unit'],
    ['dashboard/page.test.tsx', 'unit'],
    ['server/influx/relay.db.test.ts', 'server'],
    ['server/kills.e2e.test.ts', 'server'],
    ['e2e/client.e2e.test.ts', 'whole-system'],
    ['e2e/compare.alone.e2e.test.ts', 'alone']
  ]
  for (const [path, kind] of cases) {
    it(`${path} is ${kind}`, () => assert.equal(kindOf(path), kind))
  }
})

it('finds every test file but those with a suite of their own', () => {
  const root = temporaryFolder()
  const found = ['libraries/bundle/a.test.ts', 'dashboard/b.test.tsx', 'c.e2e.test.ts']
  const leftOut = [
    'build/a.test.ts',
    'bazel-out/a.test.ts',
    'client/node_modules/a/a.test.ts',
    'deploy/aws/a.test.ts',
    'e2e/containers/a.test.ts',
    '.cache/a.test.ts',
    'client/test-run.ts'
  ]
  for (const path of [...found, ...leftOut]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '')
  }
  assert.deepEqual(
    testFiles(root)
      .map((path) => relative(root, path))
      .sort(),
    [...found].sort()
  )
})

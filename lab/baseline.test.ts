import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { exactBaseline, usualCandidate } from './baseline'

describe('a baseline that is found', () => {
  const repository = mkdtempSync(join(tmpdir(), 'baseline-'))
  const library = join(repository, 'packages/peer')
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=b', ...args], {
      encoding: 'utf8'
    }).trim()
  const commit = (text: string) => {
    writeFileSync(join(library, 'source.js'), text)
    git('add', '.')
    git('commit', '--quiet', '--message', text)
    return git('rev-parse', 'HEAD')
  }
  let left: string
  const told: string[] = []
  const exact = (baseline: string, more = {}) =>
    exactBaseline(
      baseline,
      `file:${library}?mesh=full`,
      { build: 'cp packages/peer/source.js packages/peer/index.js', ...more },
      (line) => told.push(line),
      (name) => Promise.resolve(name === '@a/peer' ? '1.2.3' : '0')
    )

  before(() => {
    process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), 'cache-'))
    git('init', '--quiet', '--initial-branch=main')
    mkdirSync(library, { recursive: true })
    writeFileSync(join(library, 'package.json'), '{ "name": "@a/peer", "version": "2.0.0" }')
    left = commit('where the branch left')
    git('checkout', '--quiet', '-b', 'mine')
    commit('mine')
    git('checkout', '--quiet', 'main')
    commit('theirs')
    git('checkout', '--quiet', 'mine')
  })

  it('is the newest published version of the candidate’s package', async () => {
    assert.equal(await exact('released?maxConnections=3'), '@a/peer@1.2.3?maxConnections=3')
  })

  it('is where the branch left the base, built, and recorded by its commit', async () => {
    const folder = (await exact('merge-base')).replace('file:', '')
    assert.equal(readFileSync(join(folder, 'index.js'), 'utf8'), 'where the branch left')
    assert.ok(folder.includes(left.slice(0, 9)), folder)
    assert.match(told.join('\n'), /^Baseline merge-base: file:/m)
  })

  it('says what is missing', async () => {
    await assert.rejects(
      exact('merge-base', { base: 'nowhere' }),
      /share: fetch the whole history, or name .* --base$/
    )
    await assert.rejects(
      exactBaseline('released', 'layers', {}, () => undefined),
      /names no package/
    )
  })

  it('is compared with this folder unless said otherwise, and any other baseline stays as it is', async () => {
    assert.equal(usualCandidate('merge-base'), 'file:.')
    assert.equal(usualCandidate('layers'), undefined)
    assert.equal(await exact('layers@0.2.17?mesh=full'), 'layers@0.2.17?mesh=full')
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { exactBaseline, usualCandidate } from './baseline'

describe('a baseline that is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baseline-'))
  const repository = join(folder, 'library')
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
  const cache = process.env.XDG_CACHE_HOME
  let left: string
  const told: string[] = []
  const { signal } = new AbortController()
  const exact = (baseline: string, more = {}) =>
    exactBaseline(
      baseline,
      `file:${library}?mesh=full`,
      { build: 'cp packages/peer/source.js packages/peer/index.js', ...more },
      (line) => told.push(line),
      signal,
      (name) => Promise.resolve(name === '@a/peer' ? '1.2.3' : '0')
    )

  before(() => {
    process.env.XDG_CACHE_HOME = join(folder, 'cache')
    mkdirSync(library, { recursive: true })
    git('init', '--quiet', '--initial-branch=main')
    writeFileSync(join(library, 'package.json'), '{ "name": "@a/peer", "version": "2.0.0" }')
    left = commit('where the branch left')
    git('checkout', '--quiet', '-b', 'mine')
    commit('mine')
    git('checkout', '--quiet', 'main')
    commit('theirs')
    git('checkout', '--quiet', 'mine')
  })
  after(() => {
    process.env.XDG_CACHE_HOME = cache
    if (cache === undefined) delete process.env.XDG_CACHE_HOME
    rmSync(folder, { recursive: true })
  })

  it('is the newest published version of the candidate’s package', async () =>
    assert.equal(await exact('released?maxConnections=3'), '@a/peer@1.2.3?maxConnections=3'))

  it('is where the branch left the base, built, and recorded by its commit', async () => {
    const built = (await exact('merge-base')).replace('file:', '')
    assert.equal(readFileSync(join(built, 'index.js'), 'utf8'), 'where the branch left')
    assert.ok(built.includes(left.slice(0, 9)), built)
    assert.match(told.join('\n'), /^Baseline merge-base: file:/m)
  })

  it('leaves the candidate alone, or is refused and not kept', async () => {
    const index = join(library, 'index.js')
    const build = `cp packages/peer/source.js ${index}`
    for (let time = 0; time < 2; time++) {
      writeFileSync(index, 'mine')
      await assert.rejects(exact('merge-base', { build }), {
        name: 'UserError',
        message: `--baseline merge-base: "${build}" changed ${library}, the candidate: let it write inside its own checkout only, and build the candidate again`
      })
    }
  })

  describe('of a pull request', () => {
    beforeEach(() => (process.env.GITHUB_BASE_REF = 'main'))
    afterEach(() => delete process.env.GITHUB_BASE_REF)

    it('is that of its own base, or none', async () => {
      assert.match(await exact('merge-base'), /^file:/)
      process.env.GITHUB_BASE_REF = 'release/1'
      await assert.rejects(exact('merge-base'), /no branch origin\/release\/1 or release\/1 in .*: fetch/)
    })

    it('is refused where its base is checked out, as for pull_request_target', async (t) => {
      t.after(() => git('checkout', '--quiet', 'mine'))
      git('checkout', '--quiet', 'main')
      const index = join(library, 'index.js')
      writeFileSync(index, 'built elsewhere')
      assert.match(await exact('merge-base'), /^file:/)
      writeFileSync(index, 'theirs')
      await assert.rejects(exact('merge-base'), /HEAD is in main, .*: let the workflow run on pull_request$/)
      process.env.GITHUB_BASE_REF = ''
      assert.match(await exact('merge-base'), /^file:/)
    })

    it('is not refused if it changes no code', async (t) => {
      t.after(() => git('checkout', '--quiet', 'mine'))
      git('checkout', '--quiet', '-b', 'docs', left)
      git('commit', '--quiet', '--allow-empty', '--message', 'docs')
      writeFileSync(join(library, 'index.js'), 'where the branch left')
      assert.match(await exact('merge-base'), /^file:/)
    })
  })

  it('may be built while a log grows beside the candidate', async () => {
    const log = join(library, 'compare.log')
    assert.match(await exact('merge-base', { build: `echo Building >>${log}` }), /^file:/)
  })

  it('says what is missing', async () => {
    await assert.rejects(
      exact('merge-base', { base: 'nowhere' }),
      /share: fetch the whole history, or name .* --base$/
    )
    await assert.rejects(
      exactBaseline('released', 'layers', {}, () => undefined, signal),
      /names no package/
    )
  })

  for (const [place, message] of [
    ['', /^There is no git repository in /],
    ['not-built', /: No such file or directory$/]
  ] as const)
    it(`says that the candidate is in no repository: ${place}`, () =>
      assert.rejects(
        exactBaseline('merge-base', `file:${join(folder, place)}`, {}, () => undefined, signal),
        { name: 'UserError', message }
      ))

  for (const text of ['{ "name": <<<<<<< HEAD', 'null', '{}'])
    it(`says which package.json names no package: ${text}`, async () => {
      const damaged = join(folder, 'damaged')
      mkdirSync(damaged, { recursive: true })
      writeFileSync(join(damaged, 'package.json'), text)
      await assert.rejects(
        exactBaseline('released', `file:${damaged}`, {}, () => undefined, signal),
        {
          name: 'UserError',
          message: `--baseline released: ${join(damaged, 'package.json')} names no package`
        }
      )
    })

  it('is compared with this folder unless said otherwise, and any other baseline stays as it is', async () => {
    assert.equal(usualCandidate('merge-base'), 'file:.')
    assert.equal(usualCandidate('layers'), undefined)
    assert.equal(await exact('layers@0.2.17?mesh=full'), 'layers@0.2.17?mesh=full')
  })
})

/** The GitHub Action in pull requests judged in virtual time: its steps in order, and GitHub on loopback. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { planted } from '../libraries/testing/planted-builds'
import type { Ran } from '../commands/github/testing/run-action'
import { PullRequests } from './support/pull-requests'

const MARKER = '<!-- peer-perf:default -->'
/** A padding of 1.5%. */
const BYTES = planted('bytes1.5').replace
const LATE = planted('late8ms').replace

/** Most of what is left are the meshes of 30 peers that a comparison simulates unless only latency counts. */
const SHORT = '--peers 4 --duration 5 --warmup 1'

const pulls = new PullRequests(`${SHORT} --blocks 8`)
before(() => pulls.start())
after(() => pulls.stop())

describe('a pull request', () => {
  let measured: Ran & { sha: string }
  const told = () => [pulls.check(measured.sha)!.output!.title, pulls.commentsOf(1).at(-1)!.body] as const

  it('from a fork is measured without any secret, and its job is as red as the verdict', async () => {
    measured = await pulls.measure('forked', {}, { replace: BYTES, token: 'fork' })
    assert.ok(!measured.succeeded)
    assert.deepEqual(
      [measured.outputs.verdict, measured.outputs.conclusion],
      ['worse', 'failure'],
      measured.log
    )
    assert.match(measured.summary, /^### Worse in traffic: bytes per message \+\d.*, margin 0\.5%/)
    assert.match(measured.log, /^::error title=worse%3A traffic::bytes per message \+/m)
    assert.match(measured.log, /::notice title=cannot create a check::.*403 Resource not accessible/)
    assert.match(readFileSync(join(measured.artifact, 'comparison.html'), 'utf8'), /<!doctype html>/)
    assert.deepEqual(pulls.fake.writes, [])
  })

  it('never gets the verdict of another use of the action in its job', async () => {
    const inputs = { 'check-name': 'b', 'working-directory': 'nowhere' }
    const second = await pulls.measure('twice', inputs, { number: 3, temp: dirname(measured.artifact) })
    const { name, output } = pulls.check(second.sha)!
    assert.deepEqual([name, output!.title], ['b', 'not measured'], second.log)
    assert.match(second.summary, /The comparison did not begin/)
  })

  it('gets its check and its comment from the second workflow', async () => {
    const theirs = pulls.fake.write(1, 'someone', `${MARKER}\nmine`)
    const ran = await pulls.conclude(measured.sha, measured.artifact)
    assert.ok(ran.succeeded, ran.log)
    const [title, body] = told()
    const { status, conclusion } = pulls.check(measured.sha)!
    assert.deepEqual([status, conclusion], ['completed', 'failure'])
    assert.match(title, /^worse in traffic: bytes per message \+\d.*, margin 0\.5%/)
    assert.match(body, /^<!-- peer-perf:default -->\n### Worse in traffic.*its figures are not verified/s)
    assert.equal(theirs.body, `${MARKER}\nmine`)
  })

  const EVIL = '</details> @everyone ![x](https://evil.example/x) # Approved'
  const HOSTILE: Record<string, (file: string) => void> = {
    'is not JSON': (file) => writeFileSync(file, EVIL),
    'is a link to a secret': (file) => {
      writeFileSync(join(pulls.temp, 'secret'), 'SECRET')
      symlinkSync(join(pulls.temp, 'secret'), file)
    },
    'is far too large': (file) => writeFileSync(file, Buffer.alloc(17 << 20, ' ')),
    'names a criterion of its own': (file) => {
      const text = readFileSync(join(measured.artifact, 'comparison.json'), 'utf8')
      const document = JSON.parse(text) as { gate: { criteria: { name: string }[] } }
      document.gate.criteria[0]!.name = EVIL
      writeFileSync(file, JSON.stringify(document))
    }
  }
  for (const [says, write] of Object.entries(HOSTILE))
    it(`is not measured if its artifact ${says}`, async () => {
      const folder = pulls.folder()
      mkdirSync(folder)
      write(join(folder, 'comparison.json'))
      const ran = await pulls.conclude(measured.sha, folder)
      assert.ok(ran.succeeded, ran.log)
      const [title, body] = told()
      assert.equal(title, 'not measured')
      assert.doesNotMatch(body + ran.summary, /everyone|evil|SECRET|Approved/)
      assert.equal(pulls.commentsOf(1).length, 2)
    })

  it('is not measured without an artifact, or with an empty one', async () => {
    assert.ok((await pulls.conclude(measured.sha, undefined)).succeeded)
    assert.match(told()[1], /The comparison could not be downloaded: .*"actions: read"/)
    const empty = pulls.folder()
    mkdirSync(empty)
    assert.ok((await pulls.conclude(measured.sha, empty)).succeeded)
    assert.match(told()[1], /The job of the fork left no comparison/)
  })

  it('has a red second workflow if that may not write the check', async () => {
    const ran = await pulls.conclude(measured.sha, measured.artifact, 'fork')
    assert.ok(!ran.succeeded)
    assert.match(ran.log, /^::error title=the check was not written::.*"checks: write"/m)
  })

  it('is undecided after a second push, with what decides it: its only comment is edited', async () => {
    const [theirs, ours] = pulls.commentsOf(1)
    // Too few blocks for the delay to be worse.
    const args = `${SHORT} --blocks 3 --gate only,latency`
    const second = await pulls.measure('forked', { args }, { replace: LATE, text: 'a second push' })
    assert.ok(second.succeeded, second.log)
    assert.equal(second.outputs.verdict, 'undecided')
    assert.equal(pulls.check(second.sha)!.conclusion, 'neutral')
    assert.match(
      second.summary,
      /^### Undecided.*Next, to decide it: `repeat it with --max-blocks \d+ instead of --blocks`/s
    )
    assert.deepEqual(pulls.commentsOf(1), [theirs, ours])
    assert.match(ours!.body, /^<!-- peer-perf:default -->\n### Undecided/)
    assert.equal(theirs!.body, `${MARKER}\nmine`)
  })

  it('whose build does not exist fails as not measured', async () => {
    const { succeeded, outputs, sha, summary } = await pulls.measure(
      'lost',
      { baseline: 'file:../nowhere', candidate: 'file:.' },
      { number: 2 }
    )
    assert.ok(!succeeded)
    assert.equal(outputs.verdict, 'not measured')
    const { conclusion, output } = pulls.check(sha)!
    assert.deepEqual([conclusion, output!.title], ['failure', 'not measured'])
    assert.match(summary, /^### Not measured\n\n```text\n.*nowhere has no package\.json/)
  })
})

it('an artifact has a name that GitHub takes, whatever the check is called, and is found by it', async () => {
  const check = 'lib/peer: "a\\b" <*?|>\r\nlast'
  const inputs = { 'check-name': check, 'working-directory': 'nowhere' }
  const measured = await pulls.measure('named', inputs, { number: 4 })
  const told = await pulls.conclude(measured.sha, measured.artifact, 'job', { artifact: check })
  const name = 'lib-peer- -a-b- -------last'
  assert.deepEqual([measured.artifactName, told.artifactName], [name, name], measured.log + told.log)
})

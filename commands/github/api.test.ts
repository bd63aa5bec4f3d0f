/** One comment, the right check, and no harm by what GitHub refuses. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { GitHub, LONGEST } from './api'
import { FakeGitHub } from './testing/fake-github'

const BOT = 'github-actions[bot]'
const MARKER = '<!-- peer-perf:default -->'
let fake: FakeGitHub
let url: string
const as = (token: string) => new GitHub({ url, token, repository: 'o/r' })

before(async () => {
  fake = new FakeGitHub('o/r')
  fake.tokens.set('job', { login: BOT, mayWrite: true })
  fake.tokens.set('fork', { login: BOT, mayWrite: false })
  url = await fake.start()
})
after(() => fake.close())
beforeEach(() => {
  fake.comments.clear()
  fake.checks.length = 0
  fake.outages = 0
})
const bodies = () => fake.comments.get(7)!.map(({ user, body }) => `${user.login}: ${body}`)

describe('the comment', () => {
  it('is written once and then edited', async () => {
    await as('job').putComment(7, BOT, MARKER, 'first')
    await as('job').putComment(7, BOT, MARKER, 'second')
    assert.deepEqual(bodies(), [`${BOT}: ${MARKER}\nsecond`])
  })

  it('is found beyond the first hundred', async () => {
    await as('job').putComment(7, BOT, MARKER, 'first')
    const own = fake.comments.get(7)!.pop()!
    for (let count = 0; count < 250; count++) fake.write(7, 'someone', `+${count}`)
    fake.comments.get(7)!.push(own)
    await as('job').putComment(7, BOT, MARKER, 'second')
    assert.equal(bodies().at(-1), `${BOT}: ${MARKER}\nsecond`)
    assert.equal(fake.comments.get(7)!.length, 251)
  })

  it('never replaces that of somebody else, nor the bot’s own of another kind', async () => {
    fake.write(7, 'someone', `${MARKER}\nmine`)
    fake.write(7, BOT, `Quoted: ${MARKER}`)
    fake.write(7, BOT, '<!-- peer-perf:other -->\nother')
    await as('job').putComment(7, BOT, MARKER, 'first')
    assert.deepEqual(bodies(), [
      `someone: ${MARKER}\nmine`,
      `${BOT}: Quoted: ${MARKER}`,
      `${BOT}: <!-- peer-perf:other -->\nother`,
      `${BOT}: ${MARKER}\nfirst`
    ])
  })

  it('has no half of a character, which would make its JSON damaged', async () => {
    const { length } = `${MARKER}\n`
    await as('job').putComment(7, BOT, MARKER, `\ud83d ${'x'.repeat(LONGEST.comment - length - 3)}\u{1f600}`)
    assert.doesNotMatch(fake.comments.get(7)![0]!.body, /\p{Cs}/u)
  })

  it('keeps to GitHub’s length', async () => {
    await as('job').putComment(7, BOT, MARKER, 'x'.repeat(100_000))
    assert.equal(fake.comments.get(7)![0]!.body.length, LONGEST.comment)
  })
})

describe('the check', () => {
  it('runs, and then has its conclusion, within GitHub’s lengths', async () => {
    const github = as('job')
    const id = await github.beginCheck({ name: 'n'.repeat(300), head_sha: 'abc', details_url: 'http://x' })
    assert.equal(fake.checks[0]!.status, 'in_progress')
    const long = 'x'.repeat(100_000)
    await github.endCheck(id, { conclusion: 'neutral', title: long, summary: long })
    const { status, conclusion, name } = fake.checks[0]!
    assert.deepEqual([status, conclusion, name.length], ['completed', 'neutral', 255])
  })

  it('is completed although GitHub fails for a moment', async () => {
    const id = await as('job').beginCheck({ name: 'n', head_sha: 'abc', details_url: 'http://x' })
    fake.outages = 1
    await as('job').endCheck(id, { conclusion: 'success', title: 'pass', summary: 'pass' })
    assert.equal(fake.checks[0]!.status, 'completed')
  })

  it('is not made twice if GitHub fails after it was made', async () => {
    fake.outages = 1
    const begun = as('job').beginCheck({ name: 'n', head_sha: 'abc', details_url: 'http://x' })
    await assert.rejects(begun, { message: 'POST check-runs: 502 Server Error' })
    assert.equal(fake.outages, 0)
  })

  it('is refused to a fork in one line', async () => {
    await assert.rejects(as('fork').beginCheck({ name: 'n', head_sha: 'abc', details_url: 'http://x' }), {
      message: 'POST check-runs: 403 Resource not accessible by integration'
    })
  })
})

describe('the pull request of a fork', () => {
  it('is the one whose branch is at this very commit', async () => {
    fake.pulls.push(
      { number: 7, from: 'them:fix/a b', head: { sha: 'abc' } },
      { number: 8, from: 'them:fix/a b', head: { sha: 'old' } },
      { number: 9, from: 'others:fix/a b', head: { sha: 'abc' } }
    )
    assert.deepEqual(await as('fork').pullRequestsAt('them', 'fix/a b', 'abc'), [7])
    assert.equal(await as('fork').isNewest(8, 'abc'), false)
  })
})

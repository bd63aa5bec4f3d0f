import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeHistory } from '../../analysis/comparison/history'
import { fakeRun } from '../../analysis/testing/fake-runs'
import { historyMarkdown, historyPage } from './history-page'

const builds = ['peer@1.0.0', 'peer@1.0.1', 'peer@1.0.2']
const runs = Array.from({ length: 6 }, (_, block) =>
  builds.map((_build, variant) =>
    fakeRun(block, variant, { library: { version: `1.0.${variant}` }, delay: 20 + variant })
  )
).flat()
const historyOf = (force = false, of = runs) =>
  makeHistory({
    id: 'test',
    madeAt: 0,
    variants: builds,
    runs: of,
    primary: 'latency.position.p95',
    secondary: ['delivery.position'],
    margin: 0.03,
    force
  })
const history = historyOf()

describe('The page of a history', () => {
  const page = historyPage(history)

  it('draws an interval for each build but the first, in each metric', () => {
    assert.equal(page.split(/<path\s+class="interval"/).length - 1, 2 * 2)
    assert.doesNotMatch(page, /<script|<link|<img|NaN|Infinity|undefined/)
  })

  it('tells builds apart in its drawings that differ in an option, or in the end of a folder', () => {
    const shown = ['layers@0.2.20', 'layers?maxConnections=3', 'file:../../builds/peer-before']
    const drawn = historyPage({ ...history, builds: shown })
    for (const name of ['0.2.20', '…Connections=3', '…s/peer-before'])
      assert.match(drawn, new RegExp(`text-anchor="middle"[^>]*>${name}</text>`.replaceAll('.', '\\.')))
  })

  it('leaves room for the labels of its axes', () => {
    const viewBox = (name: string) =>
      Number(new RegExp(`viewBox="([-\\d]+) [^>]*aria-label="${name} `).exec(lossy)![1])
    const lossy = historyPage(
      historyOf(
        false,
        runs.map(({ block, variant }) =>
          fakeRun(block!, variant, {
            library: { version: `1.0.${variant}` },
            delay: 20,
            loss: variant * 0.05
          })
        )
      )
    )
    assert.match(lossy, />−10 points</)
    assert.ok(viewBox('delivery.position') <= -10)
    assert.equal(viewBox('latency.position.p95'), 0)
  })

  it('keeps the names below its drawings apart: of many builds, it names every other one', () => {
    const named = (name: string, length: number) => {
      const names = Array.from({ length }, (_, index) => `${name}${index}`)
      const drawn = historyPage({ ...history, builds: names, metrics: history.metrics.slice(0, 1) })
      return [...drawn.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, label]) => label)
    }
    const ends = ['…ions=0', '…ions=1', '…ions=2', '…ions=3', '…ions=4', '…ions=5']
    assert.deepEqual(named('layers?maxConnections=', 6), ends)
    const versions = ['0.2.0', '', '0.2.2', '', '0.2.4', '', '0.2.6', '', '0.2.8', '', '0.2.10', '', '0.2.12']
    assert.deepEqual(named('layers@0.2.', 13), versions)
  })

  it('breaks the names of builds and runs, which may be long, and counts the runs left out', () => {
    const unused = [{ testId: 'x', build: builds[0]!, reason: 'void: cpu' }]
    const names = historyPage({ ...history, unused }).match(/<th scope="col"[^>]*>(Test|Build)</g)!
    assert.deepEqual(
      names.filter((name) => !name.includes('class="fact"')),
      []
    )
    assert.match(historyMarkdown({ ...history, unused }), /^## 1 run not compared$/m)
    for (const make of [historyPage, historyMarkdown])
      assert.match(make({ ...history, blocks: 1 }), /\b1 block\b/)
  })

  it('says the same in Markdown, with a row for each build', () => {
    const rows = historyMarkdown(history)
      .split('\n')
      .filter((line) => /^\| `peer@\S+` \| \d+ \|/.test(line))
    assert.equal(rows.length, 6)
    assert.match(historyMarkdown(history), /^\| `peer@1\.0\.1` \| undecided \| undecided.* Not decided: /m)
    assert.match(rows[1]!, /^\| `peer@1\.0\.1` \| 6 \| .* ms \| \+[\d.]+% \(.*\) \| inconclusive \| 0\.13 \|/)
  })

  it('says what left a gate undecided', () => {
    for (const shown of [page, historyMarkdown(history)])
      assert.match(shown, /Not decided: .*stability: it takes 8 attempts without a loss; there are 6\./s)
    const long = structuredClone(history)
    for (const criterion of long.gates[1]!.criteria) criterion.remark = `${criterion.name} ${'x'.repeat(500)}`
    for (const shown of [historyPage(long), historyMarkdown(long)]) assert.match(shown, /latency x{500}\./)
  })

  it('says where zeros leave the size of a change to a convention', () => {
    const fromZero = structuredClone(runs)
    for (const { summary, variant } of fromZero) if (variant < 2) summary!.latency.position!.p95 = 0
    const zeros = /latency\.position\.p95 is zero in some runs, so the size of its change is a convention\./
    for (const make of [historyPage, historyMarkdown]) {
      assert.match(make(historyOf(false, fromZero)), zeros)
      assert.doesNotMatch(make(history), /convention/)
    }
  })

  it('says beside the gates how many blocks they need, if there are fewer', () => {
    for (const shown of [page, historyMarkdown(history)])
      assert.match(
        shown,
        /from 8 blocks on each can call a build worse, and there are 6\. All 4 steps.*: it takes 8 blocks /
      )
    assert.doesNotMatch(historyPage({ ...history, blocks: 8 }), /build worse|it takes 8 blocks/)
  })

  it('says first of virtual time that it is none of browsers, in Markdown too', () => {
    const simulated = structuredClone(runs)
    for (const { summary } of simulated)
      Object.assign(summary!.provenance, { engine: 'simulation', runners: [] })
    const virtual = historyOf(false, simulated)
    for (const shown of [historyPage(virtual), historyMarkdown(virtual)]) {
      assert.match(shown, /(UTC ·|: )\s*simulated, in virtual time/)
      assert.doesNotMatch(shown, /\? cores/)
    }
    for (const shown of [page, historyMarkdown(history)]) {
      assert.match(shown, /Chrome\/\d+.* cores/)
      assert.doesNotMatch(shown, /simulated/)
    }
  })

  it('says why blocks are missing, in Markdown too', () => {
    const ended = { ...history, incomplete: 'It ended early: <b> lost all of its 9 attempts' }
    assert.match(historyPage(ended), /It ended early: &lt;b> lost all of its 9 attempts/)
    assert.match(historyMarkdown(ended), /^It ended early: \\<b\\> lost all of its 9 attempts$/m)
    for (const shown of [page, historyMarkdown(history)]) assert.doesNotMatch(shown, /It (ended|was)/)
  })

  it('says which differences were forced, in Markdown too', () => {
    runs.at(-1)!.summary!.provenance.runners[0]!.browser = 'Chrome/157 <img>'
    const forced = historyOf(true)
    assert.match(historyPage(forced), /Forced: browser: .*Chrome\/157 &lt;img>/)
    assert.match(historyMarkdown(forced), /^Forced: browser: .*Chrome\/157 \\<img\\>/m)
  })
})

it('The Markdown of a history has its numbers on the right', () =>
  assert.ok(historyMarkdown(history).includes('\n| --- | --: | --: | --: | --- | --: | --: |\n')))

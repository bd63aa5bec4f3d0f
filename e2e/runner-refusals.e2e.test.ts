import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { servePage } from '../libraries/bundle/static-server'
import { startCommand } from './support/command'
import { startClients, startTestLab, type TestLab } from './support/lab'

/** An address where nothing is listening any more. */
async function nobody(): Promise<string> {
  const page = await servePage('.')
  await page.close()
  return page.url
}

describe('a runner that cannot start says why in one line', () => {
  let lab: TestLab
  let nowhere: string
  before(async () => {
    nowhere = await nobody()
    lab = await startTestLab()
    await lab.client.createTest('known')
    await lab.client.createTest('over')
    await lab.client.finishTest('over')
  })
  after(() => lab.close())

  const cases: { fault: string; testId?: string; variables: () => Record<string, string>; says: RegExp }[] = [
    {
      fault: 'the results server is not there',
      variables: () => ({ RESULTS_SERVER_URL: nowhere }),
      says: /results server is not reachable at http:\/\/localhost:\d+ .*RESULTS_SERVER_URL/
    },
    {
      fault: 'the address of the results server is a Lighthouse’s',
      variables: () => ({ RESULTS_SERVER_URL: lab.lighthouseUrl }),
      says: /RESULTS_SERVER_URL .* does not answer as a results server does/
    },
    {
      fault: 'the Lighthouse is not there',
      variables: () => ({ LIGHTHOUSE_URL: nowhere }),
      says: /LIGHTHOUSE_URL http:\/\/localhost:\d+ cannot be reached .*npx peer-perf lighthouse/
    },
    {
      fault: 'the address of the Lighthouse is a page’s',
      variables: () => ({ LIGHTHOUSE_URL: lab.clientUrl }),
      says: /LIGHTHOUSE_URL .* answers with status 404/
    },
    {
      fault: 'the client page is not there',
      variables: () => ({ CLIENT_URL: nowhere }),
      says: /CLIENT_URL http:\/\/localhost:\d+\/ cannot be reached .*npx peer-perf devserver/
    },
    {
      fault: 'the client page’s address does not serve the page',
      variables: () => ({ CLIENT_URL: `${lab.resultsServerUrl}/status` }),
      says: /CLIENT_URL .* is not a page: it answers application\/json/
    },
    {
      fault: 'there is no such test',
      testId: 'unknown',
      variables: () => ({}),
      says: /no test "unknown".*curl -X POST/
    },
    { fault: 'the test is over', testId: 'over', variables: () => ({}), says: /"over" is finished already/ }
  ]
  for (const { fault, testId = 'known', variables, says } of cases) {
    it(fault, async () => {
      const failures = await startClients(lab, testId, variables()).failures
      assert.equal(failures.length, 1)
      assert.match(failures[0]!, says)
      assert.doesNotMatch(failures[0]!, /\n/)
    })
  }

  const browsers: { fault: string; path: string; says: RegExp }[] = [
    {
      fault: 'the browser is not where the user says',
      path: '/nowhere/chrome',
      says: /PUPPETEER_EXECUTABLE_PATH.*unset it/
    },
    {
      fault: 'the browser does not start',
      path: '/bin/false',
      says: /The browser \/bin\/false does not start: /
    }
  ]
  for (const { fault, path, says } of browsers) {
    it(fault, async () => {
      const before = process.env.PUPPETEER_EXECUTABLE_PATH
      process.env.PUPPETEER_EXECUTABLE_PATH = path
      try {
        assert.match((await startClients(lab, 'known', {}).failures).join('\n'), says)
      } finally {
        if (before === undefined) delete process.env.PUPPETEER_EXECUTABLE_PATH
        else process.env.PUPPETEER_EXECUTABLE_PATH = before
      }
    })
  }

  it('as a command, names everything that is missing, and ends with code 1', async () => {
    const { code, output } = await startCommand('clients', ['--peers-count', 'many'], { TEST_ID: '' }).ended
    assert.equal(code, 1)
    for (const name of ['TEST_ID', 'RESULTS_SERVER_URL', 'LIGHTHOUSE_URL', 'PEERS_COUNT'])
      assert.match(output, new RegExp(name))
    assert.doesNotMatch(output, /at .*\.ts:/)
  })
})

/** Runs a page of the suite without its view and its runner, which client/index.ts has. */
import { PageCounts } from '../../client/measurement/page-counts'
import type { MessageTrace } from '../../client/mesh-peer'
import { parseParameters } from '../../client/parameters'
import { PEER_LIBRARIES } from '../../client/peer-libraries'
import { TestRun } from '../../client/test-run'
import { writeDirectly } from './direct-writer'
import { shareStrings } from './shared-strings'

export interface OpenedPage {
  run: TestRun
  /** Rejects with one line if the page cannot run its part of the test. */
  finished: Promise<void>
}

/** `search` is the query part of the page's URL, including the question mark. */
export function openPage(search: string, trace?: MessageTrace): OpenedPage {
  shareStrings()
  writeDirectly()
  const parameters = parseParameters(search, '')
  // Here already: a build that throws while it loads is an error of the build, not of a test.
  const library = PEER_LIBRARIES[parameters.library]
  const counts = new PageCounts()
  counts.watch(parameters.lighthouseUrl)
  const suspect = 'In virtual time, only the build, its configuration or --network can be the cause'
  const run = new TestRun(parameters, { library: () => library, counts, trace, suspect }, () => undefined)
  return { run, finished: run.run() }
}

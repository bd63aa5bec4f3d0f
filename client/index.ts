/** Entry point of the page: runs the simulated peers that its address asks for. */
import type { NextSharedBound } from '../protocol/clock/server-clock'
import { UserError } from '../cli/user-error'
import type { PageStatus } from '../protocol/page'
import { PageCounts } from './measurement/page-counts'
import { parseParameters, refuseNetworkWithoutRunner, type Parameters } from './parameters'
import { statusOf } from './page-status'
import { PEER_LIBRARIES } from './peer-libraries'
import { pageView } from './page-view'
import { TestRun } from './test-run'
import { thrownText } from './thrown-text'

declare global {
  interface Window {
    /** Exposed by the runner that opened the page, if any: receives the page's status. */
    reportToRunner?: (status: PageStatus) => unknown
    /** The runner's estimate of the server's clock, shared by all its tabs. */
    nextServerClock?: NextSharedBound
    /** Called by the runner: ends the routines early and submits what was measured so far. */
    stopTest?: () => void
  }
}

function start(): void {
  const counts = new PageCounts()
  counts.watchErrors(window)
  let parameters: Parameters
  try {
    parameters = parseParameters(location.search, location.hash)
    refuseNetworkWithoutRunner(parameters)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const status = statusOf(undefined, error.message)
    pageView()(undefined, status)
    window.reportToRunner?.(status)
    return
  }

  counts.watch(parameters.lighthouseUrl)
  const run = new TestRun(parameters, { library: () => PEER_LIBRARIES[parameters.library], counts }, update)
  const show = pageView(parameters)
  let failure: string | undefined
  function update(): void {
    const status = statusOf(run, failure)
    // Nobody looks at the tabs of a runner, and drawing costs as much as a peer's measurement.
    if (run.phase !== 'running' || parameters.runnerId === undefined) show(run, status)
    window.reportToRunner?.(status)
  }
  window.stopTest = () => run.stop()
  const timer = setInterval(() => {
    // While the routines run, the run itself triggers updates, between ticks.
    if (run.phase !== 'running') update()
  }, 1000)
  run
    .run()
    .catch((error: unknown) => {
      failure = thrownText(error)
    })
    .finally(() => {
      clearInterval(timer)
      update()
    })
}

start()

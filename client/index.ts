/** The page: runs the simulated peers that its address asks for. */
import type { NextSharedBound } from '../clock/shared-clock'
import type { PageStatus } from '../protocol/page'
import { ParameterError, parseParameters } from './parameters'
import { FigureMaker } from './page-figures'
import { statusOf } from './page-status'
import { showPage } from './page-view'
import { TestRun } from './test-run'

declare global {
  interface Window {
    /** Where a runner opened the page: what it exposes to be told about the page. */
    reportToRunner?: (status: PageStatus) => unknown
    /** Where a runner opened the page: its estimate of the server's clock, which all its tabs share. */
    nextServerClock?: NextSharedBound
    /** For the runner: ends the routines before their time and hands in what there is. */
    stopTest?: () => void
  }
}

function start(): void {
  let parameters
  try {
    parameters = parseParameters(location.search, location.hash)
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error
    showPage(undefined, error.message)
    report(statusOf(undefined, error.message))
    return
  }

  const run = new TestRun(parameters, update)
  const figures = new FigureMaker(parameters)
  let failure: string | undefined
  function update(): void {
    const status = statusOf(run, failure)
    showPage(figures.make(run, status.phase), status.error)
    report(status)
  }
  window.stopTest = () => {
    run.stop()
  }
  const timer = setInterval(() => {
    // While its routines run, the run says when: between ticks.
    if (run.phase !== 'running') update()
  }, 1000)
  run
    .run()
    .catch((error: unknown) => {
      failure = (error as Error).message
    })
    .finally(() => {
      clearInterval(timer)
      update()
    })
}

function report(status: PageStatus): void {
  window.reportToRunner?.(status)
}

start()

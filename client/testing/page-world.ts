/** Pages of peers in virtual time, with a mesh and a results server that are fakes. */
import { afterEach, beforeEach } from 'node:test'
import { PageCounts } from '../measurement/page-counts'
import { parseParameters } from '../parameters'
import { TestRun } from '../test-run'
import { FakeMesh, fakeWebRtc, type FakeMeshOptions } from './fake-mesh'
import { FakeResultsServer, LIGHTHOUSE_URL, RESULTS_URL } from './fake-results-server'
import { VirtualTime } from './virtual-time'

interface Page {
  run: TestRun
  mesh: FakeMesh
  finished: Promise<void>
  phases: string[]
}

/** Begins anew in each test of the file that creates it. */
export class PageWorld {
  readonly time = new VirtualTime()
  /** Of the page opened last. */
  server!: FakeResultsServer

  constructor() {
    beforeEach(() => void Object.assign(globalThis, { window: globalThis }))
    afterEach(() => this.server.close())
  }

  open(
    query: string,
    mesh: FakeMeshOptions = {},
    test: ConstructorParameters<typeof FakeResultsServer>[0] = {}
  ): Page {
    this.server = new FakeResultsServer(test)
    return this.openMore(query, new FakeMesh(mesh))
  }

  /** Opens a page on the existing server. */
  openMore(query: string, mesh: FakeMesh): Page {
    const phases: string[] = []
    const address = `?lighthouseUrl=${LIGHTHOUSE_URL}&statsServerUrl=${RESULTS_URL}&firstPeerNumber=0&${query}`
    const parts = { library: () => mesh.library, webRtc: fakeWebRtc(mesh.options), counts: new PageCounts() }
    const run = new TestRun(parseParameters(address, ''), parts, () => {
      if (phases.at(-1) !== run.phase) phases.push(run.phase)
    })
    const finished = run.run()
    finished.catch(() => undefined)
    return { run, mesh, finished, phases }
  }

  /** Final results in the order of the peers' numbers. */
  allResults = () => [...this.server.results.values()].sort((a, b) => a.number - b.number)
}

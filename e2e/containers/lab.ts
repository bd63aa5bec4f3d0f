/** The lab of docker-compose.yml: a results server, a Lighthouse, and the tests that run in it. */
import { ResultsClient } from '../../protocol/api-client'
import type { ResultsDocument } from '../../protocol/results-document'
import type { TestState } from '../../protocol/test-life'
import { docker, run, succeed, until, type Outcome } from './docker'

export const TOKENS = { control: 'control-token-of-a-test', submit: 'submit-token-of-a-test' }

export interface LabTest {
  id: string
  clients: number
  peersEach: number
  /** Seconds. */
  duration: number
}

export class Lab {
  private constructor(
    private readonly project: string,
    public server: ResultsClient
  ) {}

  /** Starts results server and Lighthouse from existing images, and waits until both are healthy. */
  static async start(project: string): Promise<Lab> {
    await succeed(
      'docker',
      ['compose', 'up', '--no-build', '--detach', '--wait', 'results-server', 'lighthouse'],
      {
        env: environment(project)
      }
    )
    return new Lab(project, await connect(project))
  }

  /** Call this after the results server's container was restarted: its published port has changed. */
  async reconnect(): Promise<void> {
    this.server = await connect(this.project)
  }

  /** Runs a test with the command from docs/deploying.md, until its clients have exited. */
  runTest(test: LabTest): Promise<Outcome> {
    return run('docker', ['compose', 'up', '--no-build', '--scale', `client=${test.clients}`, 'client'], {
      env: { ...environment(this.project), ...variables(test) }
    })
  }

  validity(test: LabTest): Promise<Outcome> {
    return run('docker', ['compose', 'run', '--rm', 'validity'], {
      env: { ...environment(this.project), ...variables(test) }
    })
  }

  async untilMeasured(id: string, seconds: number): Promise<TestState> {
    return until(`test ${id} runs for ${seconds} s`, 90_000, async () => {
      const state = await this.server.getTest(id).catch(() => undefined)
      return state?.startsAt !== undefined && Date.now() > state.startsAt + seconds * 1000 ? state : undefined
    })
  }

  /** The results of a test that must end within `timeout` ms. */
  async results(id: string, timeout: number): Promise<ResultsDocument> {
    await until(`test ${id} is finished`, timeout, async () => {
      const { state } = await this.server.getTest(id)
      return state === 'finished' || undefined
    })
    return this.server.getDocument(id)
  }

  /** Ids of a service's containers, including exited ones. */
  async containers(service: string): Promise<string[]> {
    const ids = await succeed('docker', ['compose', 'ps', '--all', '--quiet', service], {
      env: environment(this.project)
    })
    return ids.split('\n')
  }

  async exitCodes(service: string): Promise<number[]> {
    const ids = await this.containers(service)
    const codes = await docker('inspect', '--format', '{{.State.ExitCode}}', ...ids)
    return codes.split('\n').map(Number)
  }

  async stop(): Promise<void> {
    await tearDown(this.project)
  }
}

async function tearDown(project: string): Promise<void> {
  const profiles = ['--profile', 'test', '--profile', 'validity']
  await succeed('docker', ['compose', ...profiles, 'down', '--volumes', '--timeout', '5'], {
    env: environment(project)
  })
}

async function connect(project: string): Promise<ResultsClient> {
  const address = await succeed('docker', ['compose', 'port', 'results-server', '9904'], {
    env: environment(project)
  })
  return new ResultsClient({ url: `http://${address}`, token: TOKENS.control })
}

function environment(project: string): Record<string, string> {
  return {
    COMPOSE_PROJECT_NAME: project,
    RESULTS_SERVER_TOKEN: TOKENS.control,
    RESULTS_SERVER_SUBMIT_TOKEN: TOKENS.submit,
    // 0: any free port.
    RESULTS_SERVER_PORT: '0',
    LIGHTHOUSE_PORT: '0',
    INFLUX_URL: ''
  }
}

function variables({ id, clients, peersEach, duration }: LabTest): Record<string, string> {
  return {
    TEST_ID: id,
    EXPECTED_PEERS: String(clients * peersEach),
    PEERS_COUNT: String(peersEach),
    PEERS_PER_TAB: String(peersEach),
    TEST_DURATION: String(duration)
  }
}

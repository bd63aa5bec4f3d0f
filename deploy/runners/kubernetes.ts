/** Runners as pods, by `kubectl`, beside the servers of deploy/kubernetes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../cli/user-error'
import { markOf, type Engine, type Exit, type Job, type Node, type OwnServers, type Runners } from './engine'
import { askTool, KILLED, runTool } from './tool'
import { openTunnel } from './tunnels'

const LOOK_EVERY_MS = 2_000
/** Time for fetching the image, and for pods of the run before to go. */
const STARTS_WITHIN_MS = 600_000
const SECRET = 'results-server-tokens'
const TEST_LABEL = 'catalyst-peer/test'

interface Named {
  metadata: { name: string; creationTimestamp: string; deletionTimestamp?: string }
}

interface PodState extends Named {
  status: {
    phase: string
    reason?: string
    conditions?: { status: string; message?: string }[]
    containerStatuses?: {
      state: {
        terminated?: { exitCode: number; reason?: string }
        waiting?: { reason?: string; message?: string }
      }
    }[]
  }
}

export class KubernetesEngine implements Engine {
  readonly named = []

  constructor(
    private readonly namespace: string,
    private readonly image: string
  ) {}

  async servers(): Promise<OwnServers> {
    const { data } = await this.get<{ data: { control: string } }>('secret', await this.secret())
    const argsFor = (port: number) => this.args('port-forward', 'service/results-server', `${port}:9904`)
    return {
      ...(await openTunnel('kubectl', argsFor, `Is it running in ${this.namespace}?`)),
      token: Buffer.from(data.control, 'base64').toString(),
      resultsServerUrl: 'http://results-server:9904',
      lighthouseUrl: 'http://lighthouse:9000'
    }
  }

  async nodes(): Promise<Node[]> {
    const { items } = await this.get<{ items: NodeState[] }>('nodes')
    return items.filter(isFit).map(({ metadata, status }) => ({
      name: metadata.labels['kubernetes.io/hostname'] ?? metadata.name,
      cores: coresOf(status.allocatable.cpu)
    }))
  }

  async start(id: string, jobs: readonly Job[]): Promise<Runners> {
    const secret = await this.secret()
    const pods = new Map(jobs.map((job, index) => [job.node, podOf(id, index, job, this.image, secret)]))
    const nameOf = (node: string) => pods.get(node)!.metadata.name
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...pods.values()] })
    const stop = async () => {
      const own = `${TEST_LABEL}=${markOf(id)}`
      await runTool('kubectl', this.args('delete', 'pods', '-l', own, '--ignore-not-found'))
    }
    await askTool('kubectl', this.args('apply', '-f', '-'), { input: list }).catch(async (error: unknown) => {
      // The cluster may have taken some of them.
      await stop()
      throw error
    })
    return {
      exits: jobs.map(({ node }) => this.exitOf(node, nameOf(node))),
      logs: (node) => askTool('kubectl', this.args('logs', nameOf(node), '--tail=20')),
      stop
    }
  }

  private args(...args: string[]): string[] {
    return ['--namespace', this.namespace, ...args]
  }

  private async get<T>(...what: string[]): Promise<T> {
    return JSON.parse(await askTool('kubectl', this.args('get', ...what, '--output=json'))) as T
  }

  /** Kustomize adds a hash to the name. The newest is the one in use. */
  private async secret(): Promise<string> {
    const { items } = await this.get<{ items: Named[] }>('secrets')
    const own = items
      .filter(({ metadata: { name } }) => name.startsWith(SECRET))
      .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
    if (own[0] === undefined)
      throw new UserError(
        `The namespace ${this.namespace} has no lab: create it by kubectl apply -k (docs/deploying.md)`
      )
    return own[0].metadata.name
  }

  private async exitOf(node: string, pod: string): Promise<Exit> {
    const createdAt = performance.now()
    for (;;) {
      const { code, output, errors } = await runTool('kubectl', this.args('get', 'pod', pod, '--output=json'))
      if (code !== 0 && errors.includes('NotFound')) return { node, code: null, lost: 'its pod is gone' }
      const waited = performance.now() - createdAt
      const exit = code === 0 ? exitOfPod(node, JSON.parse(output) as PodState, waited) : undefined
      if (exit !== undefined) return exit
      await sleep(LOOK_EVERY_MS)
    }
  }
}

/** Why a pod does not run. */
function whyWaiting({ phase, reason, conditions, containerStatuses }: PodState['status']): string {
  const { waiting } = containerStatuses?.[0]?.state ?? {}
  const unmet = conditions?.find(({ status, message }) => status === 'False' && message !== undefined)
  return waiting?.message ?? waiting?.reason ?? unmet?.message ?? reason ?? phase
}

interface NodeState extends Named {
  metadata: Named['metadata'] & { labels: Record<string, string> }
  spec: { unschedulable?: boolean; taints?: { effect: string }[] }
  status: { allocatable: { cpu: string }; conditions: { type: string; status: string }[] }
}

/** Whether a pod without tolerations can start there. */
function isFit({ spec, status }: NodeState): boolean {
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  const repels = spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule') ?? false
  return spec.unschedulable !== true && !repels && ready?.status === 'True'
}

/** `1930m` or `2`. */
const coresOf = (text: string) => (text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text))

/** Undefined while it runs, or may yet. A drain, a preemption or the loss of its node deletes it. */
export function exitOfPod(node: string, { metadata, status }: PodState, waited: number): Exit | undefined {
  const { terminated, waiting } = status.containerStatuses?.[0]?.state ?? {}
  if (metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded')
    return { node, code: null, lost: 'its pod was deleted' }
  const hasNoImage = /ImagePull|InvalidImage|ConfigError/.test(waiting?.reason ?? '')
  if (hasNoImage || (status.phase === 'Pending' && waited > STARTS_WITHIN_MS))
    return { node, code: null, lost: `its pod does not start: ${whyWaiting(status)}` }
  if (status.phase !== 'Succeeded' && status.phase !== 'Failed') return undefined
  if (terminated === undefined || status.reason !== undefined)
    return { node, code: null, lost: `its pod ended: ${status.reason ?? 'unknown reason'}` }
  const isKilled = terminated.exitCode === KILLED && terminated.reason !== 'OOMKilled'
  return { node, code: terminated.exitCode, ...(isKilled && { lost: 'its container was killed' }) }
}

/** The pod of one runner, fit for the restricted standard. */
export function podOf(
  id: string,
  index: number,
  { node, variables, cores }: Job,
  image: string,
  secret: string
) {
  const cpu = cores === undefined ? {} : { cpu: String(cores) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `runner-${markOf(id)}-${index + 1}`,
      labels: { 'app.kubernetes.io/name': 'runner', [TEST_LABEL]: markOf(id) }
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      // Time to submit the results so far.
      terminationGracePeriodSeconds: 60,
      nodeSelector: { 'kubernetes.io/hostname': node },
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 },
        seccompProfile: { type: 'RuntimeDefault' }
      },
      containers: [
        {
          name: 'client',
          image,
          env: [
            ...Object.entries(variables).map(([name, value]) => ({ name, value })),
            {
              name: 'RESULTS_SERVER_SUBMIT_TOKEN',
              valueFrom: { secretKeyRef: { name: secret, key: 'submit' } }
            }
          ],
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'shm', mountPath: '/dev/shm' }
          ],
          // Without --cpus there is no limit: throttling distorts what is measured.
          resources: { requests: { cpu: '1', memory: '2Gi', ...cpu }, limits: { memory: '4Gi', ...cpu } },
          securityContext: {
            ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
            capabilities: { drop: ['ALL'] }
          }
        }
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '512Mi' } }
      ]
    }
  }
}

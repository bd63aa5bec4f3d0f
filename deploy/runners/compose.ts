/** Runners in containers, by `docker compose`: on the daemon in use, or on those of a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { UserError } from '../../cli/user-error'
import { markOf, type Engine, type Exit, type Job, type Node, type Runners } from './engine'
import { KILLED, killGroup, lastLines, runTool, type ToolOptions } from './tool'

/** What docker says without a daemon. */
const DISCONNECTED = /cannot connect to the docker daemon|error during connect/i
const PROBE = `nproc; sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1`

/** As docs/ten-machines.md builds it. In a registry, this name is anybody's. */
export const LOCAL_IMAGE = 'catalyst-peer/client'

export class ComposeEngine implements Engine {
  /** @param named daemons, in the format of DOCKER_HOST, or names of contexts; none: the one in use */
  constructor(
    readonly named: readonly string[],
    private readonly image = LOCAL_IMAGE
  ) {}

  /** With host networking, containers of this machine reach its loopback address. */
  async servers(): Promise<{ address: string }> {
    const args = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']
    const hosts = await Promise.all(this.names().map((name) => docker(name, args, { timeout: 20_000 })))
    if (!hosts.every(({ output }) => output.startsWith('unix:')))
      throw new UserError('Say by --address under which of its addresses the Docker hosts reach this machine')
    return { address: '127.0.0.1' }
  }

  async nodes(): Promise<Node[]> {
    const found = await Promise.all(
      this.names().map(async (name) => {
        const args = ['run', '--rm', '--pull=never', '--network=none', '--entrypoint=sh']
        const probe = [...args, this.image, '-c', PROBE]
        const { code, output, errors } = await docker(name, probe, { timeout: 30_000 })
        if (/unable to find image|pull access denied|no such image/i.test(errors))
          throw new UserError(
            `${name} has no image ${this.image}: build or pull it there, or name another by --image (docs/ten-machines.md)`
          )
        if (code !== 0 && this.named.length === 0)
          throw new UserError(errors === '' ? 'docker does not answer' : errors.split('\n')[0]!)
        const [cores = '', cpuModel] = output.split('\n')
        return code === 0 ? [{ name, cores: Number(cores), cpuModel }] : []
      })
    )
    return found.flat()
  }

  start(id: string, jobs: readonly Job[]): Promise<Runners> {
    const runs = new Map(jobs.map((job) => [job.node, this.startRunner(id, job)]))
    return Promise.resolve({
      exits: [...runs.values()].map(({ exit }) => exit),
      logs: async (node) => {
        const { code, output, errors } = await docker(node, ['logs', '--tail=20', containerOf(id)], {
          timeout: 20_000
        })
        // Without a container, or its daemon: what docker itself has said.
        return lastLines(code === 0 ? `${output}\n${errors}` : runs.get(node)!.output())
      },
      stop: async () => {
        await Promise.all([...runs.values()].map(({ stop }) => stop()))
      }
    })
  }

  private names(): readonly string[] {
    return this.named.length > 0 ? this.named : [HERE]
  }

  private startRunner(id: string, job: Job) {
    const project = markOf(id)
    const file = JSON.stringify(composeFile(job, this.image))
    const compose = ['compose', '--project-name', project, '--file', '-']
    const child = spawn(
      'docker',
      [...compose, 'up', '--no-color', '--no-log-prefix', '--exit-code-from', 'runner'],
      // In a group of its own: docker's plugin outlives docker, and keeps what both have open.
      { detached: true, env: { ...process.env, ...environmentOf(job.node) } }
    )
    child.stdin.on('error', () => undefined)
    child.stdin.end(file)
    let output = ''
    // Compose clears a terminal's line before each of the container's.
    const collect = (chunk: Buffer) =>
      (output = stripVTControlCharacters(output + chunk.toString()).slice(-10_000))
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const exit = once(child, 'close').then(([code]) =>
      exitOf(job.node, containerOf(id), code as number | null, output)
    )
    const stop = async () => {
      // First, or it may start the container after `down` has looked for it.
      killGroup(child)
      const down = [...compose, 'down', '--timeout', '10']
      await docker(job.node, down, { input: file, timeout: 40_000, detached: true })
      await exit
    }
    return { exit, output: () => output, stop }
  }
}

const containerOf = (id: string) => `${markOf(id)}-runner-1`

const HERE = 'this machine'

/** The environment that makes `docker` talk to a daemon. DOCKER_HOST would win over a context. */
function environmentOf(name: string): NodeJS.ProcessEnv {
  if (name === HERE) return {}
  return name.includes('://') ? { DOCKER_HOST: name } : { DOCKER_HOST: undefined, DOCKER_CONTEXT: name }
}

const docker = (name: string, args: readonly string[], options: ToolOptions) =>
  runTool('docker', args, { ...options, env: environmentOf(name) })

/** A container that ended by itself has an exit code of its own. */
async function exitOf(node: string, container: string, code: number | null, said: string): Promise<Exit> {
  const format = '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Status}}'
  const inspected = await docker(node, ['inspect', '--format', format, container], { timeout: 20_000 })
  if (/no such object/i.test(inspected.errors)) {
    // `up` reports the container's own code if somebody has removed it; 1, and why, if it was never made. A
    // daemon that was restarted meanwhile answers again.
    const isLost = code === null || code === 0 || code === KILLED || DISCONNECTED.test(said)
    return { node, code, ...(isLost && { lost: 'its container is gone' }) }
  }
  if (inspected.code !== 0) return { node, code, lost: 'its Docker daemon does not answer' }
  const [own, isOutOfMemory, status] = inspected.output.split(' ')
  if (status !== 'exited') return { node, code, lost: `its container is ${status ?? 'gone'}` }
  const isKilled = Number(own) === KILLED && isOutOfMemory === 'false'
  return { node, code: Number(own), ...(isKilled && { lost: 'its container was killed' }) }
}

/** Whole cores are pinned, which throttles nothing; a part of one is a quota. */
export function composeFile({ variables, cores, slot }: Job, image: string) {
  const isWhole = cores !== undefined && Number.isInteger(cores)
  return {
    services: {
      runner: {
        ...{ image, init: true, network_mode: 'host', stop_grace_period: '60s', pull_policy: 'never' },
        environment: Object.fromEntries(
          // Compose would put variables of this machine in the place of $NAME.
          Object.entries(variables).map(([name, value]) => [name, value.replaceAll('$', '$$$$')])
        ),
        // JSON leaves out what is undefined.
        ...(isWhole ? { cpuset: `${slot * cores}-${slot * cores + cores - 1}` } : { cpus: cores })
      }
    }
  }
}

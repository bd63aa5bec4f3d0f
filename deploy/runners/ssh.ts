/** Runners on machines that ssh reaches: Node.js and a browser are there, the runner comes as one file. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type * as BundleModule from '../docker/bundle'
import { temporaryFolder } from '../../cli/temporary-folder'
import { UserError } from '../../cli/user-error'
import type { Engine, Exit, Job, Node, Runners } from './engine'
import { askTool, killGroup, lastLines, runTool } from './tool'

/** A host that is gone is noticed within 15 s. */
const SSH = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=5']
/** How ssh ends if the connection, not the command, has failed. */
const CONNECTION_FAILED = 255
/** A host that answers, but does not end its runner, is left alone then. */
const END_WITHIN_MS = 60_000

/** What a host's own files for shells print comes first. */
const MARK = 'catalyst-peer-probe'
/** Cores and model as the machine's own calibration has them. */
const PROBE = `printf '%s\\n' ${MARK} "\${SSH_CONNECTION%% *}" "$(node --version 2>&1)";
node -p 'os.availableParallelism() + "\\n" + (os.cpus()[0]?.model.trim() ?? "unknown")' 2>/dev/null || true`

const FOLDER = '"$HOME/.cache/catalyst-peer-runner"'

/**
 * Reads variables up to an empty line, then runs the runner until the connection ends: however this process
 * ends, no runner is left behind.
 */
const runOf = (program: string) => `cd ${FOLDER} || exit 1;
while IFS= read -r line && [ -n "$line" ]; do export "$line"; done;
exec 3<&0;
node ${program} </dev/null & runner=$!;
{ cat <&3; kill $runner; } >/dev/null 2>&1 &
wait $runner`

/** Beside those of other versions of the suite, which may use the host at the same time. */
const installOf = (program: string) => `umask 077; mkdir -p ${FOLDER} && cd ${FOLDER} || exit 1;
find . -type f -mtime +30 -exec rm {} +;
file=$(mktemp ./new.XXXXXX) && cat >"$file" && mv "$file" ${program}`

/** In one line and quotes, which fish and csh pass on to sh. */
const inSh = (script: string) => `exec sh -c '${script.replaceAll("'", `'\\''`).replaceAll('\n', ' ')}'`

const LEAST_NODE = 20

export class SshEngine implements Engine {
  private readonly addresses = new Set<string>()
  private installed: Promise<string> | undefined

  constructor(readonly named: readonly string[]) {}

  /** The address by which the hosts know this machine. */
  servers(): Promise<{ address: string }> {
    const [address, ...others] = this.addresses
    const own = Object.values(networkInterfaces()).flatMap((list) => list?.map((each) => each.address) ?? [])
    if (address === undefined || others.length > 0 || !own.includes(address))
      throw new UserError(
        `The hosts see this machine as ${[...this.addresses].join(' and ')}: say by --address under which of its own addresses all reach it`
      )
    return Promise.resolve({ address })
  }

  async nodes(): Promise<Node[]> {
    const probes = await Promise.all(
      this.named.map(async (host) => ({ host, ...(await runTool('ssh', [host, ...SSH, inSh(PROBE)])) }))
    )
    return probes.flatMap(({ host, code, output }) => {
      if (code !== 0) return []
      const [address = '', node = '', cores = '', cpuModel] = output.split(`${MARK}\n`).at(-1)!.split('\n')
      if (Number(/^v(\d+)/.exec(node)?.[1] ?? 0) < LEAST_NODE)
        throw new UserError(
          `${host} has no Node.js ${LEAST_NODE} or later on its PATH (${node}): install it there`
        )
      this.addresses.add(address)
      return { name: host, cores: Number(cores), cpuModel }
    })
  }

  async start(_id: string, jobs: readonly Job[]): Promise<Runners> {
    const program = await (this.installed ??= install(this.named))
    const runs = new Map(jobs.map((job) => [job.node, startRunner(job, program)]))
    return {
      exits: [...runs.values()].map(({ exit }) => exit),
      logs: (node) => Promise.resolve(lastLines(runs.get(node)!.output())),
      stop: async () => {
        for (const { hangUp } of runs.values()) hangUp()
        await Promise.all([...runs.values()].map(({ exit }) => exit))
      }
    }
  }
}

/** The name of the runner's file on the hosts. */
async function install(hosts: readonly string[]): Promise<string> {
  const input = await runnerFile()
  const program = `run-clients-${createHash('sha256').update(input).digest('hex').slice(0, 16)}.js`
  const script = inSh(installOf(program))
  const all = hosts.map((host) => askTool('ssh', [host, ...SSH, '-C', script], { input, timeout: 300_000 }))
  await Promise.all(all)
  return program
}

/** The runner, bundled into one file: the npm package has it, a checkout makes it. */
async function runnerFile(): Promise<Buffer> {
  const packaged = join(__dirname, 'runner/run-clients.js')
  if (existsSync(packaged)) return readFile(packaged)
  const folder = await temporaryFolder('runner-')
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- it loads only when a test runs
    const { bundleProgram } = require('../docker/bundle') as typeof BundleModule
    await bundleProgram('client', folder)
    return await readFile(join(folder, 'run-clients.js'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function startRunner({ node, variables, cores, slot }: Job, program: string) {
  const own: Job['variables'] = cores === undefined ? {} : { BROWSER_CORE: coresOf(slot, cores).join(',') }
  // Out of reach of Ctrl-C: the runner submits what it has.
  const child = spawn('ssh', [node, ...SSH, inSh(runOf(program))], { detached: true })
  let output = ''
  const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000))
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.stdin.on('error', () => undefined)
  // A network may have line breaks, which are as good as spaces.
  const lines = Object.entries({ ...variables, ...own }).map(
    ([name, value]) => `${name}=${value.replaceAll('\n', ' ')}\n`
  )
  child.stdin.write(`${lines.join('')}\n`)
  const exit = once(child, 'close').then(([code]): Exit => {
    const isLost = code === CONNECTION_FAILED || code === null
    return { node, code: code as number | null, ...(isLost && { lost: lastLines(output, 1) }) }
  })
  const hangUp = () => {
    // The runner then submits what it has, and ends.
    child.stdin.end()
    const timer = setTimeout(() => killGroup(child), END_WITHIN_MS)
    child.once('close', () => clearTimeout(timer))
  }
  return { exit, output: () => output, hangUp }
}

/** Whole cores: a browser cannot be kept on a part of one without throttling it. */
function coresOf(slot: number, cores: number): number[] {
  if (!Number.isInteger(cores))
    throw new UserError(`--cpus ${cores} is for containers: ssh gives a runner whole cores`)
  return Array.from({ length: cores }, (_, index) => slot * cores + index)
}

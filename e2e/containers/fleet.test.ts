/**
 * Tests on fleets: two Docker daemons that stand for two hosts, and three sshd in network namespaces. A busy
 * machine may make a result void; nothing else may.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Run } from '../../analysis/comparison/run'
import type { ResultsDocument } from '../../protocol/results-document'
import { startCommand, type Command } from '../support/command'
import { run, succeed, until } from './docker'

// Not under the temporary folder's usual name: sockets have short paths.
const folder = mkdtempSync('/tmp/fleet.')
const results = join(folder, 'results')
after(() => rmSync(folder, { recursive: true, force: true }))

function resultsOf(id: string): ResultsDocument {
  return JSON.parse(readFileSync(join(results, `${id}.json`), 'utf8')) as ResultsDocument
}

/** Peers by the node that ran them. */
function peersOn({ runners, peerResults }: ResultsDocument): Record<string, number[]> {
  return Object.fromEntries(
    runners.map(({ id, provenance }) => [
      provenance!.host!,
      Object.values(peerResults)
        .filter(({ runnerId }) => runnerId === id)
        .map(({ number }) => number)
        .sort((a, b) => a - b)
    ])
  )
}

/** Until the peers of both builds run. Rejects with all that the comparison has printed if they do not. */
async function bothRun(comparison: Command, from = 0): Promise<void> {
  let isOver = false
  const watched = comparison.ended.then(() => (isOver = true))
  watched.catch(() => undefined)
  const doRun = () => comparison.output.slice(from).includes('running, 4 of 4')
  const look = () => Promise.resolve(isOver || doRun() || undefined)
  await until('both builds run', 300_000, look).catch(() => undefined)
  assert.ok(doRun(), comparison.output)
}

/** A Docker daemon of its own; its runners use the host's network. */
class Host {
  readonly url: string
  private readonly folder: string
  private readonly bridge: string
  private daemon: ChildProcess | undefined

  constructor(name: string) {
    this.folder = join(folder, name)
    this.bridge = `fleet-${name}`
    this.url = `unix://${this.folder}/sock`
    mkdirSync(this.folder)
  }

  /**
   * A daemon without a bridge removes docker0, which is another daemon's. This one outlives its daemon: a
   * browser of the other host gives up its requests when an interface changes.
   */
  async addBridge(): Promise<void> {
    await run('ip', ['link', 'add', this.bridge, 'type', 'bridge'])
    await run('ip', ['address', 'add', `10.97.${this.bridge.at(-1)!}.1/24`, 'dev', this.bridge])
  }

  async removeBridge(): Promise<void> {
    await run('ip', ['link', 'delete', this.bridge])
  }

  async start(): Promise<void> {
    const at = (name: string) => join(this.folder, name)
    this.daemon = spawn(
      'dockerd',
      [
        ...['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '--host', this.url],
        ...['--bridge', this.bridge, '--iptables=false', '--ip6tables=false']
      ],
      { stdio: 'ignore' }
    )
    await until(`${this.url} answers`, 60_000, async () => {
      const { code } = await run('docker', ['version'], { env: { DOCKER_HOST: this.url } })
      return code === 0 || undefined
    })
  }

  docker(...args: string[]): Promise<string> {
    return succeed('docker', args, { env: { DOCKER_HOST: this.url } })
  }

  async stop(): Promise<void> {
    if (this.daemon?.exitCode !== null) return
    this.daemon.kill()
    await once(this.daemon, 'exit')
    // So that the folder can be removed.
    await run('umount', [join(this.folder, 'exec/netns/default'), join(this.folder, 'data')])
  }
}

describe('a fleet of two Docker hosts', () => {
  const hosts = [new Host('d1'), new Host('d2')]
  const file = join(folder, 'daemons.txt')

  before(async () => {
    for (const host of hosts) await host.addBridge()
    await Promise.all(hosts.map((host) => host.start()))
    const archive = join(folder, 'client.tar')
    await succeed('docker', ['save', '--output', archive, 'catalyst-peer/client'])
    for (const host of hosts) await host.docker('load', '--input', archive)
    writeFileSync(file, hosts.map(({ url }) => `${url}\n`).join(''))
  })
  after(async () => {
    for (const host of hosts) await host.stop()
    for (const host of hosts) await host.removeBridge()
  })

  it('runs a test with half of the peers on each, and leaves nothing behind', async () => {
    const flags = [
      '--on',
      `compose:${file}`,
      '--peers',
      '4',
      '--cpus',
      '0.5',
      '--id',
      'spread',
      '--duration',
      '8'
    ]
    const { code, output } = await startCommand('run', flags, { TEST_RESULTS_LOCATION: results }).ended
    assert.ok(code === 0 || code === 3, output)
    assert.deepEqual(peersOn(resultsOf('spread')), { [hosts[0]!.url]: [0, 1], [hosts[1]!.url]: [2, 3] })
    for (const { provenance } of resultsOf('spread').runners) assert.equal(provenance!.cores, 0.5)
    for (const host of hosts) assert.equal(await host.docker('ps', '--all', '--quiet'), '')
  })

  it('repeats a block whose container is killed, or whose host goes, and blames no build', async () => {
    const flags = [
      ...['--on', `compose:${file}`, '--baseline', 'layers', '--candidate', 'layers', '--id', 'lost'],
      ...['--blocks', '2', '--peers', '4', '--cpus', '0.5', '--duration', '20', '--gate', 'only,cpu']
    ]
    const comparison = startCommand('compare', flags, { TEST_RESULTS_LOCATION: results })
    const stored = join(results, 'comparisons/lost/campaign.json')
    const runs = () => (JSON.parse(readFileSync(stored, 'utf8')) as { runs: Run[] }).runs
    await bothRun(comparison)
    const [container] = (await hosts[1]!.docker('ps', '--quiet')).split('\n')
    await hosts[1]!.docker('kill', container!)
    await until('the attempt is saved', 120_000, () => Promise.resolve(runs().length >= 2 || undefined))
    await bothRun(comparison, comparison.output.length)
    await hosts[0]!.stop()
    await until('the next attempt is saved', 120_000, () => Promise.resolve(runs().length >= 4 || undefined))
    await hosts[0]!.start()
    await until('a third attempt is saved', 300_000, () => Promise.resolve(runs().length >= 6 || undefined))
    comparison.kill('SIGINT')
    const { output } = await comparison.ended
    const lost = runs().map(({ block, attempt, lost: why }) => `${block} ${attempt} ${why ?? ''}`)
    assert.match(lost.slice(0, 2).join('\n'), /0 1 .*d2\/sock was lost: its container was killed/, output)
    assert.match(
      lost.slice(2, 4).join('\n'),
      /0 2 .*d1\/sock was lost: its (Docker daemon does not answer|runner was stopped from outside)/
    )
    assert.deepEqual(
      runs().flatMap(({ failures }) => failures),
      []
    )
  })

  it('goes on with that comparison from another machine', async () => {
    const elsewhere = join(folder, 'elsewhere')
    const path = 'comparisons/lost/campaign.json'
    const campaign = JSON.parse(readFileSync(join(results, path), 'utf8')) as { runs: Run[] }
    // Without the third attempt: if a busy machine voided that, too, the comparison has ended.
    const saved = { ...campaign, runs: campaign.runs.slice(0, 4), ended: undefined }
    mkdirSync(join(elsewhere, 'comparisons/lost'), { recursive: true })
    writeFileSync(join(elsewhere, path), JSON.stringify(saved))
    const resumed = startCommand('compare', ['--resume', 'lost', '--on', `compose:${file}`], {
      TEST_RESULTS_LOCATION: elsewhere
    })
    await bothRun(resumed)
    await hosts[1]!.docker('stop', ...(await hosts[1]!.docker('ps', '--quiet')).split('\n'))
    const runs = () => (JSON.parse(readFileSync(join(elsewhere, path), 'utf8')) as { runs: Run[] }).runs
    await until('the attempt is saved', 120_000, () => Promise.resolve(runs().length >= 6 || undefined))
    resumed.kill('SIGINT')
    const { output } = await resumed.ended
    assert.match(output, /lost: \d runs to go/)
    assert.match(runs()[4]!.lost ?? '', /d2\/sock was lost: its runner was stopped from outside/, output)
  })
})

describe('a fleet of three ssh hosts', () => {
  const bridge = 'fleet-e2e'
  const hosts = [1, 2, 3].map((number) => ({
    number,
    name: `fleet-e2e-${number}`,
    address: `10.98.0.1${number}`
  }))
  const forwarding = ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT']
  const ip = (...args: string[]) => succeed('ip', args)
  const at = (name: string) => join(folder, name)

  before(async () => {
    for (const key of ['key', 'host-key'])
      await succeed('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)])
    // As ~/.ssh/config would say.
    mkdirSync(at('bin'))
    const options = `-F none -i ${at('key')} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`
    writeFileSync(at('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`, { mode: 0o755 })
    writeFileSync(at('hosts.txt'), hosts.map(({ address }) => `root@${address}\n`).join(''))
    mkdirSync('/run/sshd', { recursive: true })
    await ip('link', 'add', bridge, 'type', 'bridge')
    await ip('address', 'add', '10.98.0.1/24', 'dev', bridge)
    await ip('link', 'set', bridge, 'up')
    await succeed('iptables', ['-I', ...forwarding])
    for (const { number, name, address } of hosts) {
      await ip('netns', 'add', name)
      await ip('link', 'add', `fe2e${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
      await ip('link', 'set', `fe2e${number}`, 'master', bridge, 'up')
      await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0')
      for (const device of ['lo', 'eth0']) await ip('-n', name, 'link', 'set', device, 'up')
      await ip('-n', name, 'route', 'add', 'default', 'via', '10.98.0.1')
      const files = [
        `HostKey=${at('host-key')}`,
        `AuthorizedKeysFile=${at('key.pub')}`,
        `PidFile=${at(name)}`
      ]
      const rest = ['StrictModes=no', 'PermitRootLogin=yes', 'UsePAM=no']
      const sshd = [
        '/usr/sbin/sshd',
        '-f',
        '/dev/null',
        ...[...files, ...rest].flatMap((option) => ['-o', option])
      ]
      await ip('netns', 'exec', name, ...sshd)
    }
  })
  after(async () => {
    for (const { name } of hosts) {
      process.kill(Number(readFileSync(at(name), 'utf8')))
      await run('ip', ['netns', 'delete', name])
    }
    await run('ip', ['link', 'delete', bridge])
    await run('iptables', ['-D', ...forwarding])
  })

  const start = (...flags: string[]) =>
    startCommand('run', ['--on', `ssh:${at('hosts.txt')}`, ...flags], {
      TEST_RESULTS_LOCATION: results,
      PATH: [at('bin'), process.env.PATH].join(delimiter)
    })

  it('prints a plan, and runs nothing', async () => {
    const { code, output } = await start('--peers', '6', '--mesh', 'full', '--plan').ended
    assert.equal(code, 0, output)
    assert.match(output, /6 peers in one mesh \(full, .* on 3 machines[^]*each machine: 2 peers in 1 tab/)
    assert.doesNotMatch(output, /Peers/)
  })

  it('runs a test as one mesh, and leaves no runner behind', async () => {
    const meshed = (mesh: string) =>
      start('--peers', '6', '--mesh', mesh, '--id', mesh, '--duration', '8').ended
    let mesh = 'full'
    let { code, output } = await meshed(mesh)
    // The build's own fault, which a busy machine brings out.
    if (output.includes('a link may open at one end only'))
      ({ code, output } = await meshed((mesh = 'usual')))
    assert.ok(code === 0 || code === 3, output)
    const document = resultsOf(mesh)
    assert.deepEqual(
      peersOn(document),
      Object.fromEntries(
        hosts.map(({ address, number }) => [`root@${address}`, [2 * number - 2, 2 * number - 1]])
      )
    )
    assert.equal(document.summary?.mesh.components, 1, output)
    for (const { name } of hosts) assert.doesNotMatch(await commandsIn(name), /run-clients/)
  })

  it('ends its runners, however it ends itself', async () => {
    const command = start('--peers', '6', '--id', 'cut', '--duration', '600')
    await until('peers run', 120_000, () =>
      Promise.resolve(command.output.includes('running, 6 of 6') || undefined)
    )
    command.kill('SIGKILL')
    await command.ended
    for (const { name } of hosts)
      await until(
        `${name} has no runner`,
        60_000,
        async () => !(await commandsIn(name)).includes('run-clients') || undefined
      )
  })
})

/** Command lines of the processes in a network namespace. */
async function commandsIn(name: string): Promise<string> {
  const pids = await succeed('ip', ['netns', 'pids', name])
  return succeed('ps', ['-o', 'args=', '-p', pids.split('\n').join(',')])
}

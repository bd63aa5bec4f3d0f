import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ComposeEngine, composeFile } from './compose'
import type { Job } from './engine'
import { useTools } from './testing/use-tools'
import { runTool } from './tool'

const JOB: Job = { node: 'n1', variables: { TEST_ID: 'A_b', PEER_CONFIG: '{"a":"$HOME"}' }, slot: 1 }

describe('a runner by docker compose', () => {
  const cases: [cores: number | undefined, limit: object][] = [
    [undefined, {}],
    [2, { cpuset: '2-3' }],
    [0.5, { cpus: 0.5 }]
  ]
  for (const [cores, limit] of cases)
    it(`gets ${cores ?? 'all'} cores`, () => {
      const { runner } = composeFile({ ...JOB, cores }, 'image').services
      const { cpuset, cpus } = runner as { cpuset?: string; cpus?: number }
      assert.deepEqual({ ...(cpuset && { cpuset }), ...(cpus && { cpus }) }, limit)
      assert.equal(runner.environment.PEER_CONFIG, '{"a":"$$HOME"}')
    })
})

describe('docker compose', () => {
  // Like docker's, its plugin is a process of its own, which holds docker's output.
  const folder = useTools({
    docker: `#!/bin/sh
      case "$*" in
        *ended*" up "*) exit 0;;
        *absent*" up "*) echo "docker: 'compose' is not a docker command" >&2; exit 1;;
        *removed*" up "*) exit 137;;
        *restarted*" up "*) echo "Cannot connect to the Docker daemon at unix:///sock." >&2; exit 1;;
        inspect*starved*) echo 137 true exited;;
        inspect*shot*) echo 137 false exited;;
        inspect*silent*) echo "no daemon" >&2; exit 1;;
        inspect*paused*) echo 0 false paused;;
        *failed*" up "*) printf '\\033[2KPeers\\n\\033[2K'; echo "Failed: no tab" >&2; echo " Container Stopped" >&2; exit 1;;
        inspect*failed*) echo 1 false exited;;
        logs*failed-here*) echo Peers; echo "Failed: no tab" >&2;;
        logs*) exit 1;;
        inspect*absent*|inspect*removed*|inspect*restarted*) echo "Error: No such object" >&2; exit 1;;
        *" up "*) sleep 3600 & wait;;
        *" down "*) [ $(ps -o pgid= -p $$) = $$ ] && touch "$0.undisturbed";;
        run*pinned*) [ "$DOCKER_CONTEXT" = away ] && exit 1; echo 4; echo "$DOCKER_HOST$DOCKER_CONTEXT";;
        run*--pull=never*gone*) echo "docker: Error response from daemon: No such image: gone" >&2; exit 125;;
        run*gone*) echo 64;;
        run*) echo "docker: no daemon" >&2; exit 125;;
        context*) echo "\${DOCKER_HOST:-ssh://$DOCKER_CONTEXT}";;
      esac\n`
  })

  it('says why this machine is no node', () =>
    assert.rejects(new ComposeEngine([], 'image').nodes(), /^UserError: docker: no daemon$/))

  it('asks each daemon what it has, and leaves out those that do not answer', async (t) => {
    process.env.DOCKER_HOST = 'unix:///in-use'
    t.after(() => delete process.env.DOCKER_HOST)
    const has = (name: string) => ({ name, cores: 4, cpuModel: name })
    const nodes = await new ComposeEngine(['near', 'away', 'unix:///a'], 'pinned').nodes()
    assert.deepEqual(nodes, [has('near'), has('unix:///a')])
  })

  const AT: [daemons: string[], host: string, isHere: boolean][] = [
    [[], 'unix:///run/docker.sock', true],
    [[], 'ssh://far', false],
    [['far'], 'unix:///run/docker.sock', false],
    [['unix:///a', 'unix:///b'], 'ssh://far', true],
    [['unix:///a', 'tcp://far'], 'unix:///run/docker.sock', false]
  ]
  for (const [daemons, host, isHere] of AT)
    it(`${isHere ? 'has its address' : 'asks for it'}: ${daemons.join()}, DOCKER_HOST=${host}`, async (t) => {
      process.env.DOCKER_HOST = host
      t.after(() => delete process.env.DOCKER_HOST)
      const servers = new ComposeEngine(daemons, 'image').servers()
      if (isHere) assert.deepEqual(await servers, { address: '127.0.0.1' })
      else await assert.rejects(servers, /^UserError: Say by --address/)
    })

  it('runs no image that somebody may have published under its name', () =>
    assert.rejects(new ComposeEngine([], 'gone').nodes(), /has no image gone: build or pull it there/))

  it('says why it makes no container, and loses no node for it', async () => {
    const runners = await new ComposeEngine([], 'image').start('absent', [JOB])
    assert.deepEqual(await runners.exits[0], { node: 'n1', code: 1 })
    assert.equal(await runners.logs('n1'), "docker: 'compose' is not a docker command")
  })

  for (const [id, lines] of [
    ['failed-here', ['Peers', 'Failed: no tab']],
    ['failed-away', ['Peers', 'Failed: no tab', ' Container Stopped']]
  ] as const)
    it(`has the lines of a runner that ${id.replace('-', ' ')}, as it printed them`, async () => {
      const runners = await new ComposeEngine([], 'image').start(id, [JOB])
      assert.deepEqual(await runners.exits[0], { node: 'n1', code: 1 })
      assert.deepEqual((await runners.logs('n1')).split('\n'), lines)
    })

  for (const [id, exit] of [
    ['removed', { code: 137, lost: 'its container is gone' }],
    ['restarted', { code: 1, lost: 'its container is gone' }],
    ['ended-removed', { code: 0, lost: 'its container is gone' }],
    ['ended-silent', { code: 0, lost: 'its Docker daemon does not answer' }],
    ['ended-paused', { code: 0, lost: 'its container is paused' }],
    ['ended-shot', { code: 137, lost: 'its container was killed' }],
    ['ended-starved', { code: 137 }]
  ] as const)
    it(`${'lost' in exit ? 'loses' : 'keeps'} the node whose container or daemon is: ${id}`, async () => {
      const { exits } = await new ComposeEngine([], 'image').start(id, [JOB])
      assert.deepEqual(await exits[0], { node: 'n1', ...exit })
    })

  it('is killed in time with its plugin, which may wait for a daemon', async () => {
    const { code } = await runTool('docker', ['compose', 'up', 'a'], { timeout: 100, detached: true })
    assert.equal(code, null)
  })

  it('stops while the plugin still starts the container, out of reach of Ctrl-C', async () => {
    const runners = await new ComposeEngine([], 'image').start('a', [JOB])
    await runners.stop()
    assert.match((await runners.exits[0]!).lost!, /container is/)
    assert.ok(readdirSync(folder).includes('docker.undisturbed'))
  })
})

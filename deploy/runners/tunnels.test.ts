/** Tests the tools of engines, and tunnels against fake ones, whose child holds the port and says much. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsEngine } from './aws-tasks'
import { KubernetesEngine } from './kubernetes'
import { useTools } from './testing/use-tools'
import { askTool } from './tool'

/** Answers each question that is asked on the way to a tunnel. */
const FAKE_TOOL = `#!${process.execPath}
const args = process.argv.slice(2)
const asks = (word) => args.includes(word)
const say = (answer) => console.log(JSON.stringify(answer))
const outputs = { ClusterName: 'cluster', ResultsServiceName: 'results', ControlTokenSecret: 'arn:control' }
const containers = [{ name: 'results-server', runtimeId: 'r' }]
if (asks('nowhere') && asks('port-forward')) {
  console.error('error: no such service')
  process.exit(1)
} else if (asks('ecs:cluster_server_r') || asks('service/results-server')) {
  const parameters = args[args.indexOf('--parameters') + 1]
  const port = asks('start-session') ? JSON.parse(parameters).localPortNumber[0] : Number(args.at(-1).split(':')[0])
  require('node:child_process').spawn(process.execPath, [__filename, 'plugin', port], { stdio: 'inherit' })
} else if (asks('plugin')) {
  const server = require('node:http').createServer((_, response) => {
    // More than a pipe holds that nobody reads.
    for (const output of [1, 2]) require('node:fs').writeSync(output, 'Handling connection\\n'.repeat(99_999))
    response.end(String(process.pid))
  })
  server.listen(args[1], '127.0.0.1', () => console.log('Forwarding from 127.0.0.1:' + server.address().port))
} else if (asks('describe-stacks'))
  say({ Stacks: [{ Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) }] })
else if (asks('list-tasks')) say({ taskArns: ['arn/server'] })
else if (asks('describe-tasks')) say({ tasks: [{ containers }] })
else if (asks('get-secret-value')) say({ SecretString: 'token' })
else if (asks('secret')) say({ data: { control: 'dG9rZW4=' } })
else say({ items: [{ metadata: { name: 'results-server-tokens-abc', creationTimestamp: '1' } }] })
`

const groupOf = (pid: number | string) =>
  execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)])
    .toString()
    .trim()

describe('a tunnel', () => {
  useTools({ aws: FAKE_TOOL, kubectl: FAKE_TOOL })

  for (const [tool, engine] of [
    ['aws', new AwsEngine(1)],
    ['kubectl', new KubernetesEngine('lab', 'image')]
  ] as const) {
    it(`by ${tool} begins again on its port when its tool has ended, as with the pod or task`, async () => {
      const tunnel = await engine.servers()
      assert.equal(tunnel.token, 'token')
      const pid = await (await fetch(tunnel.url)).text()
      process.kill(Number(pid))
      let next = pid
      while (next === pid || next === '') {
        next = await fetch(tunnel.url).then(
          (answer) => answer.text(),
          () => ''
        )
        await sleep(100)
      }
      await tunnel.close()
      await assert.rejects(fetch(tunnel.url))
    })

    it(`by ${tool} is out of reach of Ctrl-C, and ends with the children of ${tool}`, async (t) => {
      const tunnel = await engine.servers()
      const pid = await (await fetch(tunnel.url)).text()
      t.after(() => {
        try {
          process.kill(Number(pid), 'SIGKILL')
        } catch {
          // It has ended.
        }
      })
      const groups = [pid, process.pid].map(groupOf)
      await tunnel.close()
      assert.notEqual(groups[0], groups[1])
      await assert.rejects(fetch(tunnel.url))
    })
  }

  it('that does not open is refused in the words of its tool', () =>
    assert.rejects(
      new KubernetesEngine('nowhere', 'image').servers(),
      /^UserError: No tunnel .*\. Is it running in nowhere\?\nerror: no such service$/
    ))
})

for (const [what, command, args, says] of [
  [
    'is missing',
    'no-such-tool',
    [],
    'The command no-such-tool is missing: install it, or choose another engine for --on'
  ],
  ['does not end', 'sleep', ['60'], 'sleep 60: no answer in time']
] as const)
  it(`a tool that ${what} is refused in one line`, () =>
    assert.rejects(askTool(command, args, { timeout: 50 }), { name: 'UserError', message: says }))

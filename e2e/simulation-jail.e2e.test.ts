import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, it } from 'node:test'
import { imprison } from '../simulation/jail'
import { planOf, type Builds } from '../simulation/plan'
import { simulateAll } from '../simulation/pool'
import { prepare } from '../simulation/prepare'

let prepared: Builds
before(async () => {
  prepared = await prepare('layers', () => undefined)
})

/** Control characters but line breaks, JSON's as well, and workflow commands. */
const OBEYED = /[^\P{Cc}\n]|\\u00[01]|\\r|(^|\n)\s*::|##\[/u

/** Runs the build with this code in front of its own. */
async function runWith(hostile: string) {
  const [build] = prepared
  const plan = planOf({
    peers: 2,
    seed: 1,
    duration: 2,
    warmup: 0,
    builds: [{ ...build, code: `${hostile}\n${build.code}` }]
  })
  const [outcome] = await simulateAll([plan])
  return outcome!
}

describe('a hostile build', () => {
  it('finds nothing of Node in its page, nor through the objects that the page has', async () => {
    const { failures } = await runWith(`
      let inspect
      const custom = Symbol.for('nodejs.util.inspect.custom')
      console.log({ [custom]: (depth, options, node) => { inspect = node; return '' } })
      const ways = {
        own: (() => {}).constructor,
        timer: setTimeout.constructor,
        // A function of Node's own realm: node:vm does not keep a page from it.
        node: inspect.constructor
      }
      const got = Object.entries(ways).map(([name, way]) => name + ': ' +
        ['process', 'require', 'Buffer', 'fetch', 'WebSocket'].filter((each) => way('return typeof ' + each)() !== 'undefined').join(' '))
      throw new Error(got.join(', '))`)
    assert.match(failures[0]!, /does not load: Error: own: fetch WebSocket, timer: fetch WebSocket, node: , /)
  })

  it('says nothing that a terminal or GitHub would obey', async (test) => {
    const evil = String.raw`boom\u001b[31mRED\u001b]0;pwned\u0007\r\n::error::x ##[error]y`
    const printed = test.mock.method(process.stderr, 'write', () => true)
    const { errors, document } = await runWith(`
      console.log('${evil}')
      console.log('::error::z')
      Promise.reject(new Error('${evil}'))`)
    const { failures } = await runWith(`throw new Error('${evil}')`)
    const lines = printed.mock.calls.map(({ arguments: [text] }) => String(text))
    printed.mock.restore()
    for (const text of [...lines, ...errors, ...failures, JSON.stringify(document.summary)])
      assert.doesNotMatch(text, OBEYED)
    for (const text of [lines[0], errors[0], failures[0], document.summary!.errors.first])
      assert.match(text!, /boom/)
  })

  it('that gets hold of Node’s modules all the same has no environment, file, signal, process or worker', async () => {
    const escaped = `
      const attempts = {
        environment: () => Object.keys(process.env).filter((name) => name !== 'TZ').length > 0,
        read: () => require('node:fs').readFileSync('/etc/hosts'),
        list: () => require('node:fs').readdirSync('/'),
        write: () => require('node:fs').writeFileSync('/tmp/x', ''),
        spawn: () => require('node:child_process').execFileSync('id'),
        worker: () => new (require('node:worker_threads').Worker)('', { eval: true }),
        inspector: () => new (require('node:inspector').Session)().connect(),
        binding: () => process.binding('fs'),
        signal: () => process.kill(process.ppid, 0),
        signalBelow: () => process._kill(process.ppid, 0),
        signalToGroup: () => new (require('node:child_process').ChildProcess)().kill('SIGCONT'),
        debugger: () => process._debugProcess(process.ppid),
        flags: () => require('node:v8').setFlagsFromString('--no-opt'),
        database: () => new (require('node:sqlite').DatabaseSync)(':memory:')
      }
      const got = Object.keys(attempts).map((name) => {
        try {
          return [name, attempts[name]() ? 'got it' : 'nothing']
        } catch ({ code, message }) {
          return [name, code ?? message]
        }
      })
      process.send(Object.fromEntries(got), () => process.disconnect())`
    const { process: child, death } = imprison(escaped, [])
    const [got] = (await once(child, 'message')) as [Record<string, string>]
    await death
    const { environment, ...rest } = got
    assert.equal(environment, 'nothing')
    const missing = /^ERR_ACCESS_DENIED$|^ERR_UNKNOWN_BUILTIN_MODULE$| is not a function$/
    for (const [name, code] of Object.entries(rest)) assert.match(code, missing, name)
  })
})

describe('what a build throws or prints', () => {
  const ODD = {
    'an object without a prototype': 'Object.create(null)',
    'one whose stack is no text': '{ stack: { split: () => [""] } }',
    'one that throws when it is read': 'new Proxy({}, { get() { throw 1 } })'
  }
  for (const [what, thrown] of Object.entries(ODD))
    it(`may be ${what}: it is an uncaught error, or why the build does not load`, async () => {
      const { document, failures } = await runWith(`Promise.reject(${thrown})`)
      assert.deepEqual([failures, document.summary!.errors.uncaught], [[], 1])
      const loaded = await runWith(`throw ${thrown}`)
      assert.match(loaded.failures.join(), /^layers does not load: (\[object Object\]|it cannot be read)$/)
    })

  it('may be as long as it likes, and is cut', async (test) => {
    const printed = test.mock.method(process.stderr, 'write', () => true)
    const long = `'x'.repeat(1e6)`
    const { errors } = await runWith(`console.log(${long})\nPromise.reject(new Error(${long}))`)
    const { failures } = await runWith(`throw new Error(${long})`)
    const lines = printed.mock.calls.map(({ arguments: [text] }) => String(text))
    printed.mock.restore()
    for (const text of [lines[0], errors[0], failures[0]])
      assert.match(text!, /^.{0,60}x{9000}.{0,1200}\s*$/s)
  })
})

describe('a build that hoards memory', { concurrency: true }, () => {
  const cases = {
    objects: 'Array.from({ length: 1e5 }, () => ({}))',
    'array buffers, which V8 does not count': 'new Uint8Array(1 << 24).fill(1)'
  }
  for (const [what, made] of Object.entries(cases))
    it(`ends at the limit with ${what}`, async () => {
      const hoard = `const all = []; (function more() { all.push(${made}); setTimeout(more, 20) })()`
      const death = { line: 'The simulation needs more than 256 MB', isOfMachine: false }
      assert.deepEqual(await imprison(hoard, [], 256).death, death)
    })
})

describe('a build that never lets go', { concurrency: true }, () => {
  const cases = [
    {
      name: 'a loop on the clock',
      code: 'setTimeout(function wait() { for (const t = performance.now(); performance.now() < t + 5; ); }, 9)'
    },
    { name: 'a loop of microtasks', code: 'setTimeout(function wait() { Promise.resolve().then(wait) }, 9)' },
    { name: 'a loop while it loads', code: '(function wait() { for (;;); })()' }
  ]
  for (const { name, code } of cases) {
    it(`ends with the place of ${name}`, async () => {
      await assert.rejects(
        runWith(code),
        /UserError: Virtual time stood still for 7 s: the build is busy in wait \(layers\.js:1:\d+\)/
      )
    })
  }

  it('may poll by timers of 0 ms and by messages, as in a browser', async () => {
    const { failures } = await runWith(`
      setTimeout(function poll() { setTimeout(poll, 0) }, 0)
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => { port2.postMessage(0) }
      port2.postMessage(0)`)
    assert.deepEqual(failures, [])
  })
})

describe('a build that fails', () => {
  it('while it loads ends the run with the place', async () => {
    const { failures } = await runWith('function broken() { null.x }\nbroken()')
    assert.match(failures[0]!, /^layers does not load: TypeError: .*, thrown by broken \(layers\.js:1:\d+\)$/)
  })

  it('because it needs what is not simulated says so once, even if it swallows the exceptions', async () => {
    const { failures } = await runWith(
      'for (let time = 0; time < 3; time++) try { new CompressionStream("gzip") } catch {}'
    )
    assert.equal(failures.length, 1)
    assert.match(
      failures[0]!,
      /^layers uses CompressionStream, which is not simulated: called by layers\.js:1:\d+$/
    )
  })
})

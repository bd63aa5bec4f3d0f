/**
 * Does simulated SCTP recover from losses as Chromium's does? Sends 120 bytes every `period` ms through
 * connections of one page, or of the simulation:
 * npx tsx benchmarks/retransmission.ts real|simulated <network> <connections> <seconds> <period> <ways: 1 or 2>
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseNetwork } from '../options/network/parse'
import { SeededRandom } from '../protocol/random'
import { obtainBrowser } from '../runner/browser'
import { emulateLink } from '../runner/browser-line'
import { launchBrowser } from '../runner/launch'
import { startResultsServer } from '../server/app'
import { Thread } from '../simulation/engine/thread'
import { VirtualTime } from '../simulation/engine/virtual-time'
import { Sctp } from '../simulation/network/sctp'

const [mode, network, ...numbers] = process.argv.slice(2) as [string, string, ...string[]]
const [connections, seconds, period, ways] = numbers.map(Number) as [number, number, number, number]
const [step] = parseNetwork(network).parts[0].steps
const LATER = [100, 200, 300, 400, 500, 700, 1000]

/** `late`: ms from sending to arrival. `datagrams`: of the connections' first ends, while they sent. */
interface Measured {
  late: number[]
  sent: number
  datagrams: number
}

async function inChromium(): Promise<Measured> {
  const silent = () => undefined
  const server = await startResultsServer({ folder: mkdtempSync(join(tmpdir(), 'losses-')), port: 0 })
  const browser = await launchBrowser(await obtainBrowser(silent), new URL(server.url).origin, silent)
  const page = await browser.newPage()
  await (await emulateLink(page, 1))(step)
  await page.goto(`${server.url}/time`)
  const measured = (await page.evaluate(`(async () => {
    const late = [], firsts = []
    let sent = 0
    const isOpen = (channel) => channel.readyState === 'open' || new Promise((done) => (channel.onopen = done))
    const connect = async () => {
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
      firsts.push(a)
      a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
      b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)
      const one = a.createDataChannel('losses')
      const other = new Promise((done) => (b.ondatachannel = ({ channel }) => done(channel)))
      await a.setLocalDescription(await a.createOffer())
      await b.setRemoteDescription(a.localDescription)
      await b.setLocalDescription(await b.createAnswer())
      await a.setRemoteDescription(b.localDescription)
      const channels = [one, await other]
      await Promise.all(channels.map(isOpen))
      return channels
    }
    const datagrams = async () => {
      let all = 0
      for (const each of firsts)
        for (const report of (await each.getStats()).values()) if (report.type === 'transport') all += report.packetsSent
      return all
    }
    const channels = []
    for (let index = 0; index < ${connections}; index++) channels.push(...(await connect()))
    for (const channel of channels) {
      channel.binaryType = 'arraybuffer'
      channel.onmessage = ({ data }) => late.push(performance.now() - new Float64Array(data)[0])
    }
    const before = await datagrams()
    const end = performance.now() + ${seconds} * 1000
    const send = async (channel) => {
      for (let next = performance.now() + Math.random() * ${period}; next < end; next += ${period}) {
        await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())))
        channel.send(new Float64Array([performance.now(), ...Array(14).fill(0)]))
        sent++
      }
    }
    await Promise.all(channels.filter((_, index) => index % 2 < ${ways}).map(send))
    await new Promise((done) => setTimeout(done, 3000))
    return { late, sent, datagrams: (await datagrams()) - before }
  })()`)) as Measured
  await browser.close()
  await server.close()
  return measured
}

async function inVirtualTime(): Promise<Measured> {
  const time = new VirtualTime()
  const random = new SeededRandom(7)
  const measured: Measured = { late: [], sent: 0, datagrams: 0 }
  const way = () => (random.number() < step.link.loss ? undefined : time.now + step.link.delay + 1)
  const counted = () => {
    measured.datagrams++
    return way()
  }
  const reliability = { ordered: true, maxRetransmits: Infinity, maxPacketLifeTime: Infinity }
  for (let connection = 0; connection < connections; connection++) {
    const [a, b] = [new Thread(time), new Thread(time)]
    const directions = [
      new Sctp({ sender: a, receiver: b, forward: counted, back: way }),
      new Sctp({ sender: b, receiver: a, forward: way, back: counted })
    ]
    for (const sctp of directions.slice(0, ways)) {
      const sentAt: number[] = []
      const channel = sctp.open(reliability, () => measured.late.push(time.now - sentAt.shift()!))
      for (let at = random.number() * period; at < seconds * 1000; at += period)
        time.at(at, () => {
          sentAt.push(time.now)
          measured.sent++
          channel.send(new Uint8Array(120))
        })
    }
  }
  await time.run(() => false)
  return measured
}

void (mode === 'real' ? inChromium() : inVirtualTime()).then(({ late, sent, datagrams }) => {
  late.sort((one, other) => one - other)
  const quantile = (share: number) => late[Math.floor(share * late.length)]!.toFixed(0)
  const later = (ms: number) => (100 * late.filter((each) => each > step.link.delay + ms).length) / late.length
  console.log(mode, network, `sent ${sent}, arrived ${late.length}, datagrams ${datagrams}`)
  console.log(`ms: median ${quantile(0.5)}, p95 ${quantile(0.95)}, p99 ${quantile(0.99)}`)
  console.log('later than the delay by', LATER.map((ms) => `${ms} ms: ${later(ms).toFixed(2)}%`).join(', '))
  process.exit()
})

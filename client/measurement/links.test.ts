import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Histogram } from '../../protocol/histogram'
import { Links } from './links'

/** A connection whose getStats() reports what is set in `told`. */
function pretendedConnection() {
  const told = { packets: 1, checks: 1, roundTrip: 0.04, sentInVain: 0 }
  const getStats = () =>
    Promise.resolve(
      new Map<string, object>([
        [
          'T',
          {
            type: 'transport',
            packetsSent: 2 * told.packets + told.sentInVain,
            packetsReceived: told.packets,
            bytesSent: 100 * told.packets,
            selectedCandidatePairId: 'P'
          }
        ],
        [
          'P',
          {
            type: 'candidate-pair',
            requestsReceived: told.checks,
            responsesReceived: told.checks,
            currentRoundTripTime: told.roundTrip
          }
        ]
      ])
    )
  return { told, connection: { getStats } as unknown as RTCPeerConnection }
}

describe('the links of a peer', () => {
  it('report datagrams since the last cut, the latest round trips, and queued bytes', async () => {
    const links = new Links(() => 0)
    const [one, other] = [pretendedConnection(), pretendedConnection()]
    links.add(one.connection)
    links.add(other.connection)
    const channel = Object.assign(new EventTarget(), { bufferedAmount: 700 })
    links.watch(channel as unknown as RTCDataChannel, one.connection)
    await links.read()
    const { links: first } = links.cut()
    assert.deepEqual([first?.sent, first?.received, first?.sentBytes, first?.buffered], [4, 2, 200, 700])
    const roundTrips = Histogram.decode(first!.roundTrip)
    assert.equal(roundTrips.count, 2)
    assert.ok(Math.abs(roundTrips.percentile(50) - 40_000) < 100)

    one.told.packets = 11
    channel.dispatchEvent(new Event('close'))
    await links.read()
    const { links: second } = links.cut()
    assert.deepEqual([second?.sent, second?.received, second?.buffered], [20, 10, 0])
    const { links: third } = links.cut()
    assert.deepEqual([third?.sent, third?.received], [0, 0], 'nothing was read since')
    assert.equal(Histogram.decode(third!.roundTrip).count, 0)
  })

  it('are silent when neither packets nor connectivity checks arrive, until they do', async () => {
    let now = 0
    const links = new Links(() => now)
    const [lively, idle, dead] = [pretendedConnection(), pretendedConnection(), pretendedConnection()]
    for (const { connection } of [lively, idle, dead]) links.add(connection)
    const silent: (number | undefined)[] = []
    for (; now <= 6000; now += 2000) {
      lively.told.packets++
      idle.told.checks++
      await links.read()
      silent.push(links.cut().links?.silent)
    }
    silent.push(links.cut().links?.silent)
    dead.told.checks++
    await links.read()
    silent.push(links.cut().links?.silent)
    assert.deepEqual(silent, [0, 0, 1, 1, 1, 1], 'in the sixth interval, until the check')
    assert.equal(links.cut().links?.silent, 0)
  })

  const paces = [100, 500, 1000, 5000].map((period) => [period, 2000] as const)
  for (const [period, interval] of [...paces, [100, 5000] as const])
    it(`show all datagrams of a link with a message one way every ${period} ms, cut every ${interval} ms`, async () => {
      let now = 0
      const open = () => {
        const { connection, told } = pretendedConnection()
        const links = new Links(() => now)
        links.add(connection)
        return { links, told, link: links.watch(new EventTarget() as RTCDataChannel, connection) }
      }
      const [sender, receiver] = [open(), open()]
      const sums = { sent: 0, received: 0, silent: 0 }
      let messages = 0
      let acknowledged = 0
      for (; now <= 400_000; now += 10) {
        if (now % period === 0 && ++messages % 20 !== 0) {
          receiver.told.packets++
          receiver.link.isHeard = true
        }
        if (now % Math.max(200, period) === 50) acknowledged++
        sender.told.packets = acknowledged
        sender.told.sentInVain = messages - 2 * sender.told.packets
        receiver.told.sentInVain = acknowledged - 2 * receiver.told.packets
        for (const { links, told } of [sender, receiver]) {
          if (now % 2500 === 0) told.checks++
          if (now % 500 === 250) await links.readQuiet()
          if ((now + 250) % (2 * interval) === 0) await links.read()
          if (now % interval !== 0) continue
          const { sent = 0, received = 0, silent = 0 } = links.cut().links ?? {}
          sums.sent += sent
          sums.received += received
          sums.silent += silent
        }
      }
      assert.ok(sums.sent > 0.95 * (messages + acknowledged), `${sums.sent} of ${messages + acknowledged}`)
      assert.equal(sums.silent, 0)
      const lost = Math.floor(messages / 20)
      // The last seconds of one end may not be known yet.
      assert.ok(Math.abs(sums.sent - sums.received - lost) <= 2, `${JSON.stringify(sums)}, ${lost} lost`)
    })

  for (const beginsAt of [6000, 6240, 6499, 6810, 7240, 7700])
    it(`show an outage of 5 s that begins at ${beginsAt} ms, and none of its loss but the first half second`, async () => {
      let now = 0
      const links = new Links(() => now)
      const { connection, told } = pretendedConnection()
      links.add(connection)
      const link = links.watch(new EventTarget() as RTCDataChannel, connection)
      const sums = { sent: 0, received: 0, silent: 0 }
      for (; now <= 20_000; now += 10) {
        const isCut = now >= beginsAt && now < beginsAt + 5000
        if (now % 100 === 0 && isCut) told.sentInVain++
        else if (now % 100 === 0) {
          told.packets++
          link.isHeard = true
        }
        if (now % 500 === 250) await links.readQuiet()
        if (now % 4000 === 3750) await links.read()
        if (now % 2000 !== 0) continue
        const { sent = 0, received = 0, silent = 0 } = links.cut().links ?? {}
        sums.sent += sent
        sums.received += received
        sums.silent = Math.max(sums.silent, silent)
      }
      assert.equal(sums.silent, 1)
      assert.ok(sums.received > 50)
      assert.ok(sums.sent - 2 * sums.received <= 5, `${sums.sent} sent, ${sums.received} received`)
    })

  it('are silent in the interval in which the last of them is closed, and in no later one', async () => {
    let now = 0
    const links = new Links(() => now)
    const [dead, next] = [pretendedConnection(), pretendedConnection()]
    links.add(dead.connection)
    await links.read()
    assert.equal(links.cut().links?.silent, 0)
    now = 3000
    await links.read()
    links.remove(dead.connection)
    assert.equal(links.cut().links?.silent, 1)
    links.add(next.connection)
    await links.read()
    assert.equal(links.cut().links?.silent, 0)
  })

  it('leave out what a link sent after its last reading, on its channels as in datagrams', async () => {
    const links = new Links(() => 0)
    const open = () => {
      const { connection, told } = pretendedConnection()
      links.add(connection)
      return { connection, told, link: links.watch(new EventTarget() as RTCDataChannel, connection) }
    }
    const [lasting, closing] = [open(), open()]
    const send = () => {
      for (const { told, link } of [lasting, closing]) {
        told.packets += 10
        link.channelBytes += 800
      }
    }
    const figures = async () => {
      await links.read()
      const { sentBytes, channelBytes } = links.cut().links!
      return { sentBytes, channelBytes }
    }
    send()
    assert.deepEqual(await figures(), { sentBytes: 2 * 1100, channelBytes: 2 * 800 })
    send()
    links.remove(closing.connection)
    assert.deepEqual(await figures(), { sentBytes: 1000, channelBytes: 800 })
  })

  it('are left out if a connection has no statistics or is closed', async () => {
    const links = new Links()
    links.add({} as RTCPeerConnection)
    links.add({ getStats: () => Promise.reject(new Error('closed')) } as unknown as RTCPeerConnection)
    await links.read()
    assert.deepEqual(links.cut(), {})
    const { connection } = pretendedConnection()
    links.add(connection)
    const reading = links.read()
    links.remove(connection)
    await reading
    assert.deepEqual(links.cut(), {})
  })
})

/** What a page receives and finds among the globals of Chromium only. */
export const RECEIVED = ['Headers', 'Iterator', 'Response', 'RTCSctpTransport']

/**
 * The names that a real Chromium has, by owner: those of `window`, and those of each name that the simulated
 * browser has too. It runs in a page, so it must be self-contained.
 */
export function namesIn(existing: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  const common = new Set(
    [Object.prototype, Function.prototype].flatMap((each) => Object.getOwnPropertyNames(each))
  )
  const add = (owner: string, object: object) => {
    const names = new Set<string>()
    for (let each: object | null = object; each; each = Object.getPrototypeOf(each) as object | null) {
      if (each === Object.prototype || each === Function.prototype) break
      for (const name of Object.getOwnPropertyNames(each)) names.add(name)
    }
    found[owner] = [...names]
      .filter((name) => !common.has(name))
      .sort()
      .join(' ')
  }
  for (const name of existing) {
    const value = (globalThis as Record<string, unknown>)[name]
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === globalThis)
      continue
    add(name, value)
    if (typeof value === 'function' && value.prototype) add(`${name}.prototype`, value.prototype as object)
  }
  // Only the headless shell does not have `chrome`.
  found.window = [...new Set([...Object.getOwnPropertyNames(globalThis), 'chrome'])].sort().join(' ')
  const window = Object.getPrototypeOf(globalThis) as object
  for (
    let each: object | null = window;
    each && each !== Object.prototype;
    each = Object.getPrototypeOf(each) as object | null
  )
    found.window += ` ${Object.getOwnPropertyNames(each)
      .filter((name) => !common.has(name))
      .join(' ')}`
  return Object.fromEntries(Object.entries(found).filter(([, names]) => names !== ''))
}

/** The names of what a page receives, own and inherited. It runs in a page, so it must be self-contained. */
export async function namesOfReceived(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  const note = (where: string, object: object) => {
    const names = new Set(found[where])
    for (let each = object; each !== Object.prototype; each = Object.getPrototypeOf(each) as object)
      for (const name of Object.getOwnPropertyNames(each)) names.add(name)
    found[where] = [...names].sort()
  }
  const once = (target: EventTarget, type: string) =>
    new Promise<Event>((resolve) => target.addEventListener(type, resolve, { once: true }))
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
  const pass = (from: RTCPeerConnection, to: RTCPeerConnection) =>
    from.addEventListener('icecandidate', (event) => {
      note('RTCPeerConnectionIceEvent', event)
      if (!event.candidate) return
      note('RTCIceCandidate', event.candidate)
      to.addIceCandidate(event.candidate).catch(() => undefined)
    })
  pass(a, b)
  pass(b, a)
  const channel = a.createDataChannel('x')
  const [announced, opened] = [once(b, 'datachannel'), once(channel, 'open')]
  await a.setLocalDescription(await a.createOffer())
  await b.setRemoteDescription(a.localDescription!)
  await b.setLocalDescription(await b.createAnswer())
  await a.setRemoteDescription(b.localDescription!)
  const event = (await announced) as RTCDataChannelEvent
  note('RTCDataChannelEvent', event)
  note('open event', await opened)
  const [message, error] = [once(event.channel, 'message'), once(event.channel, 'error')]
  channel.send('x')
  note('MessageEvent', await message)
  note('RTCDataChannel', channel)
  for (const description of [a.localDescription, a.remoteDescription])
    note('RTCSessionDescription', description!)
  note('RTCSctpTransport', a.sctp!)
  // Until both ends have checked their path.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const report = await a.getStats()
  note('RTCStatsReport', report)
  report.forEach((stats: { type: string }) => {
    note(`getStats() ${stats.type}`, stats)
  })
  a.close()
  note('RTCErrorEvent', await error)
  note('RTCError', ((await error) as RTCErrorEvent).error)
  b.close()
  const socket = new WebSocket('ws://127.0.0.1:1/')
  note('WebSocket', socket)
  note('CloseEvent', await once(socket, 'close'))
  const response = await fetch('/answer')
  note('Response', response)
  note('Headers', response.headers)
  const signal = AbortSignal.timeout(1)
  note('abort event', await once(signal, 'abort'))
  note('AbortSignal', signal)
  note('DOMException', signal.reason as object)
  return found
}

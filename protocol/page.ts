/** What a runner and the client page say to each other: the page's address one way, status reports the other. */
import { z } from 'zod'

/** The page's address parameters (docs/client.md). Values are text there; this is how they are called. */
export const PAGE_PARAMETERS = [
  'testId',
  'statsServerUrl',
  'lighthouseUrl',
  'numberOfPeers',
  /** Number of the page's first peer in the whole test; with the seed it decides all a peer does. Random where absent. */
  'firstPeerNumber',
  'testDuration',
  'statsSubmitInterval',
  'pingInterval',
  'peerIdLength',
  'sessionId',
  'routine',
  'messageTypes',
  'seed',
  'library',
  /** JSON: options that override the suite's own for the peer library. */
  'peerConfig',
  /** `full`: every peer connects to every other (`meshPeers` of them), which isolates the library's own cost. */
  'mesh',
  'meshPeers',
  'iceServers',
  'runnerId',
  'tabNumber'
] as const
export type PageParameter = (typeof PAGE_PARAMETERS)[number]
export type PageParameters = Partial<Record<PageParameter, string>>

/** The address of the page for these parameters. The submit token rides in the fragment, which no server ever sees. */
export function pageAddress(clientUrl: string, parameters: PageParameters, token?: string): string {
  const address = new URL(clientUrl)
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  if (token !== undefined) address.hash = new URLSearchParams({ token }).toString()
  return address.href
}

export const PAGE_PHASES = ['connecting', 'ready', 'running', 'draining', 'done', 'failed'] as const
export type PagePhase = (typeof PAGE_PHASES)[number]

/**
 * The page calls `window.reportToRunner(status)`, a function that the runner exposes, at each change and once a second:
 * a tab that falls silent has crashed or is frozen.
 */
export const pageStatusSchema = z.object({
  phase: z.enum(PAGE_PHASES),
  peers: z.object({ wanted: z.number(), ready: z.number(), done: z.number() }),
  connected: z.number().describe('open connections of all peers'),
  messagesReceived: z.number(),
  messagesSent: z.number(),
  tickLatenessP95: z.number().describe('ms, of the last interval'),
  connectionsCreated: z.number().describe("Chromium allows 500 in a renderer's life"),
  error: z.string().max(4096).optional().describe('one line; with phase failed, why')
})
export type PageStatus = z.infer<typeof pageStatusSchema>

/** What the server answers to a runner's sample: its peers' numbers begin here, in the order of registration. */
export interface RunnerRegistration {
  firstPeerNumber: number
  state: 'created' | 'running' | 'finished'
}

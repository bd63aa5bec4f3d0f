/** Between a runner and the client page: the page's address one way, status reports the other. */
import { z } from 'zod'
import { LIMITS } from './limits'

/** The token is in the fragment, which browsers never send to a server. */
export function pageAddress(clientUrl: string, parameters: Readonly<Record<string, string>>, token?: string) {
  const address = new URL(clientUrl)
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  if (token !== undefined) address.hash = new URLSearchParams({ token }).toString()
  return address.href
}

/** For `window.reportToRunner`, at each change and once a second. A silent tab has crashed or is frozen. */
export const pageStatusSchema = z.object({
  phase: z.enum(['connecting', 'ready', 'running', 'draining', 'done', 'failed']),
  peers: z.object({ wanted: z.number(), ready: z.number(), done: z.number() }),
  connected: z.number().describe('open connections of all peers: a link between two of them counts twice'),
  messagesReceived: z.number(),
  messagesSent: z.number(),
  tickLatenessP95: z.number().describe('ms, of the last interval'),
  connectionsCreated: z.number().describe('closed ones included'),
  error: z.string().max(LIMITS.pageErrorLength).optional().describe('one line; with phase failed, why')
})
export type PageStatus = z.infer<typeof pageStatusSchema>
export type PagePhase = PageStatus['phase']

/** The client page of a test, which its runners serve to their tabs. */
export const clientPageSchema = z.object({
  index: z.string().describe('index.html'),
  bundle: z.string().describe('bundle.js')
})
export type ClientPage = z.infer<typeof clientPageSchema>

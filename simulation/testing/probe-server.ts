/** What the server of the probes answers, in virtual time as over a network. */
import type { Answer, Request } from '../network/http'

export function answerProbe({ url, headers, body }: Pick<Request, 'url' | 'headers' | 'body'>): Answer {
  if (url.pathname === '/') return answer(200, 'OK', 'text/html', '<!doctype html><title>probe</title>')
  if (url.pathname === '/echo')
    return answer(200, 'OK', 'text/plain', `${headers['content-type']}: ${body ?? ''}`)
  if (url.pathname === '/answer') return answer(200, 'OK', 'application/json; charset=utf-8', '{"a":"ä"}')
  return answer(404, 'Not Found', 'text/plain', 'missing')
}

function answer(status: number, statusText: string, type: string, body: string): Answer {
  const length = String(Buffer.byteLength(body))
  const headers = { 'content-type': type, 'content-length': length, etag: '"1"', 'x-secret': 'secret' }
  return { status, statusText, headers, body }
}

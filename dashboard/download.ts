/** Saves a response of the server as a file. A plain link could not send the token. */
import type { Session } from './session'

/** Rejects with the server's error. */
export async function download(session: Session, path: string, name: string): Promise<void> {
  const stream = await session.stream(path, new AbortController().signal)
  const address = URL.createObjectURL(await new Response(stream).blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

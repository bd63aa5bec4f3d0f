/** One HTTP call, and what the caller knows afterwards. */

/** Undefined: no response arrived, so it is unknown whether the server did it. */
export interface Outcome {
  status: number | undefined
  body: unknown
}

const TIMEOUT_MS = 8_000

export async function call(base: string, method: string, path: string, body?: unknown): Promise<Outcome> {
  try {
    const response = await fetch(base + path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' }
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS)
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  } catch {
    return { status: undefined, body: undefined }
  }
}

export const isOk = ({ status }: Outcome) => status !== undefined && status < 300
/** The server said that it did not do this. After any other failure it may have. */
export const isRefused = ({ status }: Outcome) => status !== undefined && status >= 400 && status < 500

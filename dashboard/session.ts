/** The page's connection to its server: the control token, which lives in memory only, and who asks for it. */
import { ApiError, ResultsClient } from '../protocol/api-client'

export class Session {
  private asking: Promise<boolean> | undefined

  /** @param askForToken asks the user; `wrong` where one was refused already. Undefined: the user gave none. */
  constructor(
    private readonly url: string,
    private token: string | undefined,
    private readonly askForToken: (wrong: boolean) => Promise<string | undefined>
  ) {}

  /** Calls the server; on 401 asks for a token and tries again. Rejects with the refusal where the user gives none. */
  async call<Answer>(ask: (client: ResultsClient) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const used = this.token
      try {
        return await ask(this.client(used))
      } catch (error) {
        if (!isUnauthorized(error)) throw error
        if (used === this.token && !(await this.renewToken())) throw error
      }
    }
  }

  /** The body of an answer, as it arrives. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.call(async () => {
      const response = await fetch(this.url + path, {
        signal,
        ...(this.token !== undefined && { headers: { Authorization: `Bearer ${this.token}` } })
      })
      if (response.ok && response.body) return response.body
      const { error, message } = (await response.json()) as { error: string; message: string }
      throw new ApiError(response.status, error, message)
    })
  }

  private client(token: string | undefined): ResultsClient {
    // Few attempts: a page shows that the server is gone, and tries again itself.
    return new ResultsClient({ url: this.url, retries: 1, ...(token !== undefined && { token }) })
  }

  /** One question for all calls that were refused at the same time. */
  private renewToken(): Promise<boolean> {
    this.asking ??= this.askForToken(this.token !== undefined).then((token) => {
      this.token = token ?? this.token
      this.asking = undefined
      return token !== undefined
    })
    return this.asking
  }
}

/** Takes the token out of the address, where a link may carry it: from then on it stands nowhere on the screen. */
export function takeToken(location: Location, history: History): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', `${location.pathname}#/`)
  return token ?? undefined
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

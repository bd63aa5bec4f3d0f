/** The page's connection to its server. Asks for a token when needed, and keeps it in memory only. */
import { ApiError, bearer, refusal, ResultsClient, UnreachableError } from '../protocol/api-client'
import { attempt } from '../protocol/attempt'

export class Session {
  private asking: Promise<boolean> | undefined

  /** @param askForToken asks the user, who may give none. `wrong`: the server refused the last one */
  constructor(
    private readonly url: string,
    private token: string | undefined,
    private readonly askForToken: (wrong: boolean) => Promise<string | undefined>
  ) {}

  /** Whether a call needed a token so far, or the page's address carried one. */
  get hasToken(): boolean {
    return this.token !== undefined
  }

  /** On 401, asks for a token and tries again. Rejects with the server's error if the user gives none. */
  async call<Answer>(ask: (client: ResultsClient) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const used = this.token
      try {
        // Few attempts: the page shows that the server is unreachable, and retries by itself.
        return await ask(new ResultsClient({ url: this.url, retries: 1, token: used }))
      } catch (error) {
        if (!isUnauthorized(error)) throw error
        if (used === this.token && !(await this.renewToken())) throw error
      }
    }
  }

  stream(path: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.call(async () => {
      const headers = bearer(this.token)
      const response = await fetch(this.url + path, { signal, headers }).catch((cause: unknown) => {
        throw new UnreachableError(this.url, cause)
      })
      if (response.ok && response.body) return response.body
      throw refusal(response.status, await response.text())
    })
  }

  /** Asks once for all calls that were refused at the same time. */
  private renewToken(): Promise<boolean> {
    this.asking ??= this.askForToken(this.token !== undefined).then((token) => {
      this.token = token ?? this.token
      this.asking = undefined
      return token !== undefined
    })
    return this.asking
  }
}

/** Removes the token from the URL, where a link may have put it: it is not to stay visible on screen. */
export function takeToken(location: Location, history: History): string | undefined {
  const [part = '', token] = /[#?&]token=([^&]*)$/.exec(location.hash) ?? []
  if (token === undefined) return undefined
  history.replaceState(null, '', `${location.pathname}${location.hash.replace(part, '') || '#/'}`)
  // Somebody may have written the token into the link as it is.
  return attempt(() => decodeURIComponent(token)) ?? token
}

export const isUnauthorized = (error: unknown) => error instanceof ApiError && error.status === 401

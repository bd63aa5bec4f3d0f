/** The few calls of GitHub's REST interface that report a verdict. */
import pRetry, { AbortError } from 'p-retry'

/** GitHub's longest, in characters. */
export const LONGEST = { checkName: 255, checkText: 65_535, comment: 65_536 }
const PAGE = 100
/** Over 7 s. */
const RETRIES = 3

export type Conclusion = { conclusion: 'success' | 'failure' | 'neutral'; title: string; summary: string }

type Comment = { id: number; body: string; user: { login: string } | null }
type PullRequest = { number: number; head: { sha: string } }

export class GitHub {
  /** @param access with the repository as owner/name */
  constructor(private readonly access: { url: string; token: string; repository: string }) {}

  /** Shows that the measurement runs, instead of an earlier run's conclusion. Returns the check's id. */
  async beginCheck(check: { name: string; head_sha: string; details_url: string }): Promise<number> {
    const name = check.name.slice(0, LONGEST.checkName)
    const begun = { ...check, name, status: 'in_progress' }
    const { id } = await this.call<{ id: number }>('POST', 'check-runs', begun)
    return id
  }

  async endCheck(id: number, { conclusion, title, summary }: Conclusion): Promise<void> {
    const output = { title: title.slice(0, LONGEST.checkName), summary: summary.slice(0, LONGEST.checkText) }
    await this.call('PATCH', `check-runs/${id}`, { status: 'completed', conclusion, output })
  }

  /** One comment by this author with this marker: edited if it exists, made otherwise. */
  async putComment(pullRequest: number, author: string, marker: string, markdown: string): Promise<void> {
    const body = `${marker}\n${markdown}`.slice(0, LONGEST.comment)
    const comments = await this.all<Comment>(`issues/${pullRequest}/comments`)
    // A person's comment may quote the marker.
    const own = comments.find(({ user, body: text }) => user?.login === author && text.startsWith(marker))
    if (own) await this.call('PATCH', `issues/comments/${own.id}`, { body })
    else await this.call('POST', `issues/${pullRequest}/comments`, { body })
  }

  /** Whether the commit is still the newest: a slow run must not replace the verdict on a later push. */
  async isNewest(pullRequest: number, sha: string): Promise<boolean> {
    const { head } = await this.call<PullRequest>('GET', `pulls/${pullRequest}`)
    return head.sha === sha
  }

  /** Numbers of the open pull requests from a branch, perhaps of a fork, that are at this commit. */
  async pullRequestsAt(owner: string, branch: string, sha: string): Promise<number[]> {
    const head = encodeURIComponent(`${owner}:${branch}`)
    const found = await this.all<PullRequest>(`pulls?state=open&head=${head}`)
    return found.filter((each) => each.head.sha === sha).map(({ number }) => number)
  }

  private async all<T>(path: string): Promise<T[]> {
    const found: T[] = []
    for (let page = 1; ; page++) {
      const query = `${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`
      const some = await this.call<T[]>('GET', path + query)
      found.push(...some)
      if (some.length < PAGE) return found
    }
  }

  /** What GitHub fails to do is tried again, except what could then be there twice. */
  private call<T>(method: string, path: string, body?: object): Promise<T> {
    const { url, token, repository } = this.access
    const attempt = async () => {
      const response = await fetch(`${url}/repos/${repository}/${path}`, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'x-github-api-version': '2022-11-28'
        },
        body: JSON.stringify(body, withoutHalves)
      })
      const answer: unknown = await response.json().catch(() => ({}))
      if (response.ok) return answer as T
      const { message = response.statusText } = answer as { message?: string }
      const said = `${method} ${path.split('?')[0]!}: ${response.status} ${message}`
      throw response.status < 500 ? new AbortError(said) : new Error(said)
    }
    return pRetry(attempt, { retries: method === 'POST' ? 0 : RETRIES })
  }
}

/** A text that was cut, or a build's own, may have half of a character: not every reader of JSON takes it. */
const withoutHalves = (_: string, value: unknown) =>
  typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\ufffd') : value

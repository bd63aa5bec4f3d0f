/** A library's repository with branches, GitHub on loopback, and the action's steps in order. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { plant, type PlantedFault } from '../../libraries/testing/planted-build'
import { FakeGitHub } from '../../commands/github/testing/fake-github'
import { runAction, type Ran } from '../../commands/github/testing/run-action'

const ROOT = resolve(__dirname, '../..')
const BOT = 'github-actions[bot]'

export class PullRequests {
  readonly fake = new FakeGitHub('o/my-peer')
  readonly temp = mkdtempSync(join(tmpdir(), 'pull-request-'))
  private readonly workspace = join(this.temp, 'my-peer')
  private url = ''
  private runs = 0

  /** @param args of each comparison */
  constructor(private readonly args: string) {}

  async start(): Promise<void> {
    cpSync(dirname(require.resolve('peer-layers/package.json')), this.workspace, { recursive: true })
    execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', this.workspace])
    writeFileSync(join(this.workspace, '.gitignore'), 'node_modules\n')
    this.git('add', '.')
    this.git('commit', '--quiet', '--message', 'The library')
    this.fake.tokens.set('job', { login: BOT, mayWrite: true })
    this.fake.tokens.set('fork', { login: BOT, mayWrite: false })
    this.url = await this.fake.start()
  }

  stop(): void {
    this.fake.close()
    rmSync(this.temp, { recursive: true })
  }

  /** The job on a push to a pull request. */
  async measure(
    branch: string,
    inputs: Record<string, string>,
    {
      number = 1,
      token = 'job',
      replace = [] as PlantedFault['replace'],
      text = branch,
      temp = this.folder()
    } = {}
  ): Promise<Ran & { sha: string }> {
    const sha = this.push(branch, replace, text)
    const pull = this.fake.pulls.find((each) => each.number === number)
    if (pull) pull.head.sha = sha
    else this.fake.pulls.push({ number, from: `them:${branch}`, head: { sha } })
    const ran = await runAction(join(ROOT, 'action.yml'), {
      ...{ temp, workspace: this.workspace, token },
      inputs: { baseline: 'merge-base', args: this.args, ...inputs },
      env: this.environment({ pull_request: { number, head: { sha } } }, 'merge')
    })
    return { ...ran, sha }
  }

  /** The second workflow of a fork's pull request, on the artifact of the first. */
  conclude(
    sha: string,
    artifact: string | undefined,
    token = 'job',
    inputs: Record<string, string> = {}
  ): Promise<Ran> {
    const head_repository = { owner: { login: 'them' } }
    const workflow_run = { id: 99, head_sha: sha, head_branch: 'forked', head_repository, html_url: 'x' }
    return runAction(join(ROOT, '.github/actions/fork/action.yml'), {
      ...{ temp: this.folder(), workspace: this.temp, inputs, token },
      ...(artifact !== undefined && { artifact }),
      env: this.environment({ workflow_run }, 'main')
    })
  }

  /** A new path. */
  folder(): string {
    return join(this.temp, `run-${this.runs++}`)
  }

  check(sha: string) {
    return this.fake.checks.filter((each) => each.head_sha === sha).at(-1)
  }

  commentsOf(number: number) {
    return this.fake.comments.get(number) ?? []
  }

  /** Commits to a branch of its own, starting from main if it is new. Returns the commit. */
  private push(branch: string, replace: PlantedFault['replace'], text: string): string {
    this.git('checkout', '--quiet', '-B', branch, 'main')
    const bundle = join(this.workspace, 'bundle.js')
    writeFileSync(bundle, `${plant(readFileSync(bundle, 'utf8'), { name: branch, replace })}\n// ${text}\n`)
    this.git('commit', '--quiet', '--all', '--message', text)
    return this.git('rev-parse', 'HEAD')
  }

  private git(...args: string[]): string {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c']
    return execFileSync('git', [...identity, ...args], { cwd: this.workspace })
      .toString()
      .trim()
  }

  /** What GitHub gives a job of this event. */
  private environment(event: object, sha: string): Record<string, string> {
    const file = `${this.folder()}.json`
    writeFileSync(file, JSON.stringify(event))
    return {
      GITHUB_API_URL: this.url,
      GITHUB_EVENT_PATH: file,
      GITHUB_REPOSITORY: 'o/my-peer',
      GITHUB_RUN_ID: '99',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_SHA: sha
    }
  }
}

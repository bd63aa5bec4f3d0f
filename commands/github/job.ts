/** What a step knows of its job, from the environment and the event. */
import { appendFileSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { UserError } from '../../cli/user-error'
import { GitHub } from './api'
import { annotation } from './report'

const eventSchema = z.object({
  pull_request: z.object({ number: z.number(), head: z.object({ sha: z.string() }) }).optional(),
  workflow_run: z
    .object({
      head_sha: z.string(),
      head_branch: z.string(),
      /** Null once the fork is deleted. */
      head_repository: z.object({ owner: z.object({ login: z.string() }) }).nullable()
    })
    .optional()
})

export type Job = ReturnType<typeof currentJob>

/** Throws UserError outside of GitHub Actions. */
export function currentJob(env = process.env) {
  const of = (name: string) => {
    const value = env[name]
    if (value === undefined || value === '')
      throw new UserError(
        `${name} is not set: npx peer-perf ci runs as a step of GitHub Actions (docs/ci.md)`
      )
    return value
  }
  const repository = of('GITHUB_REPOSITORY')
  const event = readEvent(of('GITHUB_EVENT_PATH'))
  return {
    github: new GitHub({ url: of('GITHUB_API_URL'), token: of('GITHUB_TOKEN'), repository }),
    event,
    /** The commit that the verdict is about, not GitHub's trial merge of it. */
    sha: event.workflow_run?.head_sha ?? event.pull_request?.head.sha ?? of('GITHUB_SHA'),
    runUrl: `${of('GITHUB_SERVER_URL')}/${repository}/actions/runs/${of('GITHUB_RUN_ID')}`
  }
}

function readEvent(file: string): z.infer<typeof eventSchema> {
  try {
    return eventSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : []
    const why = issue ? `${issue.path.join('.')}: ${issue.message}` : (error as Error).message
    throw new UserError(`${file} is no GitHub event: ${why}`)
  }
}

/** Of a fork, the token may only read: that must not fail a job that has measured. */
export async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    console.log(annotation('notice', `cannot ${what}`, (error as Error).message))
    return undefined
  }
}

/** Sets an output of the step. */
export const output = (name: string, value: string) =>
  appendTo('GITHUB_OUTPUT', `${name}=${value.replace(/\p{Cc}+/gu, ' ')}\n`)

/** For the job's summary: well below the 1 MiB that GitHub takes of a step. */
export const summarise = (markdown: string) => appendTo('GITHUB_STEP_SUMMARY', markdown)

function appendTo(variable: string, text: string): void {
  const file = process.env[variable]
  if (file !== undefined && file !== '') appendFileSync(file, text)
}

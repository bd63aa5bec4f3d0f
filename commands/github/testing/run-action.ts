/** Runs a composite action's steps in order, as GitHub's runner does, for what action.yml uses of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

interface Step {
  id?: string
  name: string
  if?: string
  uses?: string
  with?: Record<string, string>
  shell?: string
  run?: string
  env?: Record<string, string>
  'working-directory'?: string
  'continue-on-error'?: boolean
}

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>
  outputs?: Record<string, { value: string }>
  runs: { using: string; steps: Step[] }
}

export interface Ran {
  outputs: Record<string, string>
  /** Whether all steps succeeded: the colour of the job. */
  succeeded: boolean
  summary: string
  log: string
  /** Name of the artifact that was uploaded or downloaded. */
  artifactName: string
  /** Folder of the uploaded artifact. */
  artifact: string
}

export interface Where {
  /** Folder of this run's temporary files. */
  temp: string
  workspace: string
  inputs: Record<string, string>
  token: string
  env: Record<string, string>
  /** What is downloaded: if absent, the download fails. */
  artifact?: string
}

/** GitHub fails the step on an artifact with such a name. */
const NOT_A_NAME = /^$|[":<>|*?\\/\r\n]/

/** GitHub drops a step's summary beyond this. */
const LONGEST_SUMMARY = 2 ** 20

export async function runAction(
  file: string,
  { temp, workspace, inputs, token, env, artifact }: Where
): Promise<Ran> {
  const action = parse(readFileSync(file, 'utf8')) as Action
  const runnerTemp = join(temp, 'runner')
  mkdirSync(runnerTemp, { recursive: true })
  const values: Record<string, string> = { 'github.token': token, 'runner.temp': runnerTemp }
  const expand = (text: string) =>
    text.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => values[name] ?? '')
  for (const [name, { default: fallback = '' }] of Object.entries(action.inputs))
    values[`inputs.${name}`] = inputs[name] ?? expand(fallback)
  const ran: Ran = {
    ...{ outputs: {}, succeeded: true, summary: '', log: '' },
    ...{ artifactName: '', artifact: join(temp, 'artifact') }
  }
  for (const [index, step] of action.runs.steps.entries()) {
    if (!ran.succeeded && step.if !== 'always()') continue
    if (step.uses !== undefined) {
      const [name, path] = [step.with!.name!, step.with!.path!].map(expand) as [string, string]
      if (NOT_A_NAME.test(name)) throw new Error(`GitHub takes no artifact named ${JSON.stringify(name)}`)
      ran.artifactName = name
      if (step.uses.startsWith('actions/upload-artifact@')) upload(path, ran.artifact)
      else if (!step.uses.startsWith('actions/download-artifact@'))
        throw new Error(`What does ${step.uses} do?`)
      else {
        values[`steps.${step.id!}.outcome`] = artifact === undefined ? 'failure' : 'success'
        if (artifact !== undefined) cpSync(artifact, path, { recursive: true })
        else ran.succeeded &&= step['continue-on-error'] === true
      }
      continue
    }
    const files = {
      GITHUB_OUTPUT: join(temp, `output-${index}`),
      GITHUB_STEP_SUMMARY: join(temp, `summary-${index}`)
    }
    for (const each of Object.values(files)) writeFileSync(each, '')
    const script = join(temp, `step-${index}.sh`)
    writeFileSync(script, expand(step.run!))
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value)])
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: resolve(workspace, expand(step['working-directory'] ?? '.')),
      env: {
        ...process.env,
        // The tests' own loader of TypeScript: on GitHub there is none.
        NODE_OPTIONS: '',
        ...env,
        ...files,
        GITHUB_ACTION_PATH: dirname(file),
        ...(Object.fromEntries(own) as Record<string, string>)
      }
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (ran.log += String(text)))
    // Without its working directory, a step does not begin.
    const [code] = (await once(child, 'close').catch((error: unknown) => {
      ran.log += `${String(error)}\n`
      return [null]
    })) as [number | null]
    ran.succeeded &&= code === 0
    for (const line of readFileSync(files.GITHUB_OUTPUT, 'utf8').split('\n').filter(Boolean))
      values[`steps.${step.id!}.outputs.${line.split('=')[0]!}`] = line.slice(line.indexOf('=') + 1)
    const summary = readFileSync(files.GITHUB_STEP_SUMMARY)
    if (summary.length <= LONGEST_SUMMARY) ran.summary += summary.toString()
  }
  for (const [name, { value }] of Object.entries(action.outputs ?? {})) ran.outputs[name] = expand(value)
  return ran
}

/** Of patterns only a star at the end of a name. */
function upload(pattern: string, to: string): void {
  mkdirSync(to, { recursive: true })
  if (!existsSync(dirname(pattern))) return
  const start = pattern.replace(/\*$/, '')
  cpSync(dirname(pattern), to, {
    recursive: true,
    filter: (path) => path === dirname(pattern) || path.startsWith(start)
  })
}

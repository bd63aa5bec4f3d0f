/** Writes a finished test as one HTML file. */
import { Command } from 'commander'
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { loadDocument, TestModel } from '../dashboard/model/test-model'
import { writeReport } from '../dashboard/report/test-report'
import { bearer } from '../protocol/api-client'
import { ID_PATTERN } from '../protocol/limits'
import { TEST_STATES } from '../protocol/test-life'
import { addFlags, httpUrl } from '../cli/flags'
import { openInBrowser } from '../cli/open-in-browser'
import { printable } from '../cli/printable'
import { resultsFolder } from '../cli/results-folder'
import { messageOf, UserError } from '../cli/user-error'

interface Options {
  out?: string
  open?: true
  folder?: string
  server: string
  token?: string
}

export const program = new Command('npx peer-perf report')
  .description('Writes one self-contained HTML file of a finished test: all charts, no network.')
  .argument('<test>', 'id of a test, or a results file')
  .option('--out <file>', 'the file to write; by default <id>.html in this folder')
  .option('--open', 'open it in the browser')
  .option(
    '--folder <path>',
    'folder of results (default: TEST_RESULTS_LOCATION, or ~/peer-performance-tests)'
  )
const serverHelp = 'results server to ask if the folder does not hold the test'
addFlags(program, [
  ['--server <url>', serverHelp, 'RESULTS_SERVER_URL', 'http://localhost:9904', httpUrl],
  ['--token <token>', 'of the results server', 'RESULTS_SERVER_TOKEN']
])

/** Opens a results document. It is read twice: once to check it, once to write it. */
type Source = () => Promise<Readable>

export async function run(): Promise<number> {
  await report(program.args[0]!, program.opts<Options>()).catch((error: unknown) => {
    // Its text may come from the file or from a server.
    throw new UserError(printable(messageOf(error), { lines: true }))
  })
  return 0
}

async function report(target: string, options: Options): Promise<void> {
  if (options.out?.endsWith('.json') || isSameFile(options.out, target))
    throw new Error(`--out ${options.out!}: a report is HTML, and replaces no results: name another file`)
  const source = sourceOf(target, options)
  const id = await checkedId(target, source)
  // The id in an unchecked file must not determine where in the file system the report goes.
  const out = options.out ?? `${ID_PATTERN.test(id) ? id : 'report'}.html`
  await writeReport(await source(), out)
  console.log(`Report of ${printable(id)}: ${out}`)
  if (options.open) openInBrowser(out)
}

/** A file, a test in the results folder, or a test on the results server, in this order. */
function sourceOf(target: string, { folder = resultsFolder(), server, token }: Options): Source {
  const isId = ID_PATTERN.test(target)
  const stored = join(folder, `${target}.json`)
  const file = isFile(target) ? target : isId && isFile(stored) ? stored : undefined
  if (file !== undefined) return () => Promise.resolve(createReadStream(file))
  if (!isId) throw new Error(`There is no file ${target}, and it is no test's id either`)
  return async () => {
    const response = await fetch(`${server.replace(/\/+$/, '')}/test/${target}?dataPoints=true`, {
      headers: bearer(token)
    }).catch(() => {
      throw new Error(
        `Test ${target} is not in ${folder}, and no results server answers at ${new URL(server).origin}: name a results file, or set TEST_RESULTS_LOCATION or RESULTS_SERVER_URL`
      )
    })
    if (!response.ok || !response.body) {
      const { message } = (await response.json().catch(() => ({}))) as { message?: string }
      throw new Error(message ?? `The results server answered ${response.status}`)
    }
    return Readable.fromWeb(response.body as ReadableStream)
  }
}

/** In a checkout, `orchestration` is a folder. */
const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

const isSameFile = (out = '', target: string) =>
  isFile(out) && isFile(target) && realpathSync(out) === realpathSync(target)

/** The test's id, after checking that the document is complete and the test is finished. */
async function checkedId(target: string, source: Source): Promise<string> {
  const model = new TestModel()
  try {
    await loadDocument(model, Readable.toWeb(await source()) as globalThis.ReadableStream<Uint8Array>)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new Error(`${target} is not a whole results document (${error.message})`, { cause: error })
    throw error
  }
  const { state } = model
  if (state?.id === undefined) throw new Error(`${target} is not a results document: it has no id`)
  if (!TEST_STATES.includes(state.state))
    throw new Error(
      `${target} is not a results document of this suite: the dashboard of "npx peer-perf server --folder RESULTS" shows the original suite's files, and comparisons`
    )
  if (state.state !== 'finished')
    throw new Error(`Test ${state.id} is not finished: finish it first, or watch it in the dashboard`)
  return state.id
}

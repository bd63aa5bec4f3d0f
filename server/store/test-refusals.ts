/** The store's reasons to refuse a request. */
import { LIMITS } from '../../protocol/limits'
import { Refusal } from '../refusal'

export const notFound = (id: string) =>
  new Refusal(404, 'test-not-found', `There is no test ${id}: create it with POST /test/${id}`)

export const damaged = (id: string, problem: string) =>
  new Refusal(500, 'test-corrupt', `The file of test ${id} is damaged: ${problem}`)

export const noSummary = (id: string) =>
  new Refusal(500, 'no-summary', `Test ${id} was finished without a summary: the log says why`)

export const foreignFile = (path: string) =>
  new Refusal(409, 'foreign-file', `${path} is not that test's results document: rename or remove it by hand`)

export const readOnly = (path: string) =>
  new Refusal(409, 'read-only', `${path} is a results file of the original suite: remove it by hand`)

export const notFinished = (id: string) =>
  new Refusal(409, 'test-not-finished', `Test ${id} is not finished: finish it before you delete it`)

export const alreadyFinished = (id: string) => new Refusal(409, 'test-finished', `Test ${id} is finished`)

export const unwritten = (id: string, cause: unknown) =>
  new Refusal(
    507,
    'disk-full',
    `Test ${id} is finished; its results file is written when there is room on the server's disk`,
    undefined,
    { cause }
  )

export const idTaken = (id: string) =>
  new Refusal(409, 'test-exists', `Test ${id} exists already: choose another id`, 'testId')

export const tooManyTests = () =>
  new Refusal(429, 'too-many-tests', `${LIMITS.openTests} tests are not finished: finish some`)

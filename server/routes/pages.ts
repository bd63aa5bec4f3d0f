/** The client pages of tests whose runners are elsewhere. */
import type { Handlers } from '../http/register'
import { Refusal } from '../refusal'
import type { Services } from './services'

/** Pages kept in memory, of the latest tests: a runner asks once, when it starts. */
const KEPT = 16

export function pageHandlers({ store }: Pick<Services, 'store'>) {
  const pages = new Map<string, string | Buffer>()
  return {
    putPage: ({ params: { testId }, body }) => {
      // A later test of the same id has none.
      store.getLive(testId).once('stored', () => pages.delete(testId))
      pages.delete(testId)
      pages.set(testId, body.raw)
      const [oldest] = pages.keys()
      if (pages.size > KEPT) pages.delete(oldest!)
    },
    getPage: ({ params: { testId }, response }) => {
      store.getLive(testId)
      const page = pages.get(testId)
      if (page === undefined)
        throw new Refusal(404, 'no-page', `The test "${testId}" has no client page: give the runner one`)
      response.type('json').send(page)
    }
  } satisfies Partial<Handlers>
}

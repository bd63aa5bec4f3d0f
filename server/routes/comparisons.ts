/** Lists and serves the outcomes of `peer-perf compare` and `npx peer-perf history` in the results folder. */
import type { Response } from 'express'
import type { Handlers } from '../http/register'
import type { Services } from './services'

/**
 * A report needs only its own styles. Browsers run no script in it, and give it an origin of its own: it is
 * not as trusted as the dashboard.
 */
const REPORT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function comparisonHandlers({ comparisons }: Services) {
  return {
    listComparisons: () => comparisons.list(),
    getComparison: async ({ params: { comparisonId }, response }) =>
      send(
        response,
        `attachment; filename="comparison-${comparisonId}.json"`,
        'json',
        await comparisons.document(comparisonId)
      ),
    getComparisonReport: async ({ params: { comparisonId }, response }) => {
      const { page, kind } = await comparisons.report(comparisonId)
      response.setHeader('Content-Security-Policy', REPORT_POLICY)
      send(response, `inline; filename="${kind}-${comparisonId}.html"`, 'html', page)
    }
  } satisfies Partial<Handlers>
}

function send(response: Response, disposition: string, type: 'json' | 'html', content: Buffer): void {
  response
    .type(type)
    .setHeader('Content-Disposition', disposition)
    .setHeader('Cache-Control', 'no-store')
    .send(content)
}

import type { Rule } from './rule'

/** Does the results server still have everything it received? */
export const STORAGE_RULES: readonly Rule[] = [
  {
    name: 'damaged-data',
    statement: 'The results server has lost none of the data that it acknowledged.',
    cause: 'machine',
    check: ({ state: { damage } }) => {
      if (damage === undefined) return []
      return [
        {
          what: `Some of this test's data is lost: ${damage}.`,
          why: 'Counts and percentiles leave out what is lost, and nothing tells how it would have changed them.',
          advice:
            'Check the results server’s disk and its log, and run the test again (docs/reliability.md says what the server promises).'
        }
      ]
    }
  }
]

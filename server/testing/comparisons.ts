/** Writes comparisons to a results folder as the compare command does, but without their figures. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const pageOf = (title: string) => `<!doctype html><html><head><title>${title}</title></head></html>`
export const comparisonDocument = (id: string, madeAt = 5) => ({
  version: 2,
  id,
  madeAt,
  baseline: { name: 'old' },
  candidate: { name: 'new' },
  gate: { verdict: 'worse' }
})

/** Writes the files of a folder below `comparisons/`, objects as JSON. */
export function storeFiles(results: string, id: string, files: Record<string, unknown>): string {
  const folder = join(results, 'comparisons', id)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

export const storeComparison = (results: string, id: string, madeAt = 5) =>
  storeFiles(results, id, {
    'comparison.json': comparisonDocument(id, madeAt),
    'comparison.html': pageOf(`Comparison ${id}: worse`)
  })

import { comparisonMarkdown } from './markdown'
import type { Format, Part } from './judged'
import { junit } from './junit'
import { bencherJson, benchmarkJson } from './numbers'

export const WRITERS: Readonly<Record<Exclude<Format, 'text' | 'json'>, (parts: readonly Part[]) => string>> =
  {
    markdown: (parts) =>
      parts
        .map(({ judged, trouble }) => (judged ? comparisonMarkdown(judged) : `${trouble ?? ''}\n`))
        .join('\n'),
    junit,
    'benchmark-json': benchmarkJson,
    bmf: bencherJson
  }

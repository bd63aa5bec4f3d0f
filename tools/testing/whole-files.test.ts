import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wholeFiles } from './whole-files'

async function* streamOf(chunks: readonly string[]) {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}

it('yields each file’s report once it is complete, and the summary at the end', async () => {
  const chunks = [
    '▶ a.test.ts\n',
    '  ✔ adds (1ms)\n',
    '\u001b[32m✔ a.test.ts (2ms)\u001b[39m\n',
    '▶ b.test.ts\n',
    '  ✖ subtracts (1ms)\n',
    '✖ b.test.ts (1ms)\n',
    'ℹ tests 2\n',
    'ℹ pass 1\n'
  ]
  const texts: string[] = []
  for await (const text of wholeFiles(streamOf(chunks))) texts.push(text)
  assert.deepEqual(texts, [
    chunks.slice(0, 3).join(''),
    chunks.slice(3, 6).join(''),
    chunks.slice(6).join('')
  ])
})

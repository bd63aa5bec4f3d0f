/** Helpers for tests that inspect results documents on disk. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResultsDocument } from '../../protocol/results-document'

export function readDocument(folder: string, id: string): ResultsDocument {
  return JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as ResultsDocument
}

/** Every (peer, sequence) of a document. Fails on duplicates. */
export function keysOf(document: ResultsDocument): Set<string> {
  const keys = document.dataPoints.map(({ peerId, sequence }) => `${peerId}/${sequence}`)
  assert.equal(new Set(keys).size, keys.length, 'no point twice')
  return new Set(keys)
}

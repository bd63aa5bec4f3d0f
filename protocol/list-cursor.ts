/** Where a page of the list of tests ends. The place outlives the deletion of its test. */
import type { TestEntry } from './test-life'

export type Place = Pick<TestEntry, 'createdAt' | 'id'>

export const CURSOR_PATTERN = /^\d{1,21}(\.\d{1,20})?(e[+-]\d{1,3})?~[A-Za-z0-9_-]{1,64}$/

export const cursorOf = ({ createdAt, id }: Place) => `${createdAt}~${id}`

/** Of a text that matches {@link CURSOR_PATTERN}. */
export function placeOf(cursor: string): Place {
  const [createdAt, id] = cursor.split('~')
  return { createdAt: Number(createdAt), id: id! }
}

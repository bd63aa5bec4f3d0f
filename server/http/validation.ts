/** Checks network input against the contract. A refusal names the path of the field at fault. */
import type { z } from 'zod'
import { Refusal } from '../refusal'
import { inPlainWords } from './plain-words'

/** Throws Refusal 400. `where` names the checked input, e.g. "query". */
export function check<T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> {
  const result = schema.safeParse(value, { error: inPlainWords })
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const field = fieldName(issue.path)
  throw new Refusal(400, `bad-${where}`, `${field ?? `The ${where}`}: ${issue.message}`, field)
}

/** [3, 'messages', 'position', 'sent'] → "[3].messages.position.sent"; undefined: the whole */
function fieldName(path: readonly PropertyKey[]): string | undefined {
  if (path.length === 0) return undefined
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : (index > 0 ? '.' : '') + String(part)))
    .join('')
}

/**
 * Accepts valid data points at an eighth of zod's cost, by the same schema compiled by ajv. What it does not
 * accept goes to zod, which has the last word and names the field at fault.
 */
import { Ajv2020 } from 'ajv/dist/2020'
import { z } from 'zod'
import { batchSchema, singlePointSchema } from '../../protocol/data-point'
import { isShallowConfig, peerResultsSchema, type PeerResults } from '../../protocol/peer-results'
import { runnerSampleSchema } from '../../protocol/runner-sample'
import { topologySchema } from '../../protocol/topology'

type Predicate = (value: unknown) => boolean

/** For large bodies, and for bodies that arrive thousands of times a second. */
export const QUICK_CHECKS: ReadonlyMap<z.ZodType, Predicate> = new Map<z.ZodType, Predicate>([
  [singlePointSchema, quickCheck(singlePointSchema)],
  [batchSchema, quickCheck(batchSchema)],
  [topologySchema, quickCheck(topologySchema)],
  [runnerSampleSchema, quickCheck(runnerSampleSchema)],
  [peerResultsSchema, quickCheckOfResults()]
])

/** A JSON schema can neither limit the depth of unknown values nor forbid `__proto__`, which zod drops. */
function quickCheckOfResults(): Predicate {
  const isRight = quickCheck(peerResultsSchema)
  const isRecord = (value: object = {}) => !Object.hasOwn(value, '__proto__')
  return (value) => {
    if (!isRight(value)) return false
    const { heard, library } = value as PeerResults
    return [heard, library.config, library.dependencies].every(isRecord) && isShallowConfig(library.config)
  }
}

/** The predicate is true only if `schema` would return the value unchanged, without unknown fields. */
function quickCheck(schema: z.ZodType): Predicate {
  // The output's JSON schema forbids unknown fields. `unicode: false` counts a string's length as zod does.
  // Ajv deprecates that option and would log a warning.
  const options = { strict: false, unicode: false, logger: false, validateFormats: false } as const
  // zod wrote the schema and has the last word: checking it, and making messages, would take as long again.
  // So would ajv's own passes over the code that it writes, which V8 runs as fast without.
  const brief = { meta: false, validateSchema: false, messages: false, code: { optimize: false } } as const
  return new Ajv2020({ ...options, ...brief }).compile(z.toJSONSchema(schema, { io: 'output' }))
}

/** The OpenAPI 3.1 document of the results server, generated from the table of its calls. */
import { z } from 'zod'
import { API, type Route } from '../protocol/api'
import { errorAnswerSchema } from '../protocol/api-answers'
import { idSchema } from '../protocol/primitives'

type Json = Record<string, unknown>

const COMMON_REFUSALS: Record<number, readonly string[]> = {
  400: ['bad-query'],
  403: ['foreign-host', 'foreign-origin', 'foreign-page'],
  408: ['too-slow'],
  431: ['headers-too-large'],
  500: ['internal-error']
}
const TOKEN_REFUSALS: Record<number, readonly string[]> = {
  401: ['token-required', 'wrong-token'],
  403: ['other-token-required', 'own-page-required']
}
const BODY_REFUSALS: Record<number, readonly string[]> = {
  400: ['bad-body', 'bad-json', 'bad-request', 'body-cut-off'],
  413: ['body-too-large', 'body-too-complex'],
  415: ['not-json', 'unknown-encoding']
}

export function makeOpenApi(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const [operationId, route] of Object.entries(API)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(operationId, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Results server of the peer performance tests', version },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }
  }
}

const TOKENS = {
  any: 'any of them',
  submit: 'the control or the submit token',
  read: 'the control or the read token',
  control: 'the control token'
}

const operationOf = (operationId: string, route: Route): Json => ({
  operationId,
  summary: route.summary,
  ...(route.access !== 'open' && {
    security: [{}, { token: [] }],
    description: `Where tokens are set: ${TOKENS[route.access]}.`
  }),
  parameters: parametersOf(route),
  ...(route.body && {
    requestBody: {
      required: route.bodyOptional !== true,
      content: { 'application/json': { schema: jsonSchema(route.body, 'input') } }
    }
  }),
  responses: { [route.status ?? 200]: answerOf(route), ...refusalsOf(route) }
})

function parametersOf({ path, query }: Route): Json[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, idSchema, true] as const)
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => [name, schema, false] as const)
  return [...inPath, ...inQuery].map(([name, schema, required]) => ({
    name,
    in: required ? 'path' : 'query',
    required,
    schema: jsonSchema(schema as z.ZodType, 'input')
  }))
}

function answerOf({ answer, summary }: Route): Json {
  if (!answer) return { description: summary }
  if (answer instanceof z.ZodType)
    return { description: summary, content: { 'application/json': { schema: jsonSchema(answer, 'output') } } }
  return { description: answer.description, content: { [answer.mediaType]: {} } }
}

function refusalsOf(route: Route): Json {
  const all: Readonly<Record<string, readonly string[]>>[] = [
    COMMON_REFUSALS,
    route.access === 'open' ? {} : TOKEN_REFUSALS,
    route.body ? BODY_REFUSALS : {},
    route.path.includes(':') ? { 400: ['bad-id', 'bad-request'] } : {},
    route.refusals ?? {}
  ]
  const content = { 'application/json': { schema: jsonSchema(errorAnswerSchema, 'output') } }
  const answerBy = (status: string) => {
    const names = new Set(all.flatMap((refusals) => refusals[status] ?? []))
    return [status, { description: [...names].join(', '), content }]
  }
  return Object.fromEntries(all.flatMap(Object.keys).map(answerBy)) as Json
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  // JSON.stringify omits undefined, so no `$schema` appears: the dialect is OpenAPI 3.1's own.
  return { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }), $schema: undefined }
}

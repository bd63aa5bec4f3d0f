/** Registers the contract's routes. Token, ids, query and body are checked before a handler is called. */
import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import { Refusal } from '../../cli/refusal'
import { API, type Route, type RouteName } from '../../protocol/api'
import { ID_PATTERN } from '../../protocol/limits'
import type { Body } from '../store/live-test'
import type { AccessControl } from './access'
import { bodyReader } from './body'
import { check } from './validation'

type ParameterName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterName<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

export interface Call<Name extends RouteName> {
  params: Record<ParameterName<(typeof API)[Name]['path']>, string>
  query: (typeof API)[Name] extends { query: infer Schema extends z.ZodType } ? z.output<Schema> : undefined
  body: (typeof API)[Name] extends { body: infer Schema extends z.ZodType }
    ? Body<z.output<Schema>>
    : undefined
  request: Request
  response: Response
}

/** Returns the response's JSON, or undefined if it has already responded. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => unknown

export type Handlers = { [Name in RouteName]: Handler<Name> }

export function registerRoutes(router: Router, access: AccessControl, handlers: Handlers): void {
  for (const name of Object.keys(API) as RouteName[])
    register(router, access, name, handlers[name] as Handler<RouteName>)
}

function register(router: Router, access: AccessControl, name: RouteName, handler: Handler<RouteName>): void {
  const route: Route = API[name]
  const readBody = route.body && bodyReader(name)
  const taken = route.query ?? z.strictObject({})
  router[route.method](route.path, async (request, response) => {
    access.require(route.access, request)
    for (const [key, id] of Object.entries(request.params))
      if (!ID_PATTERN.test(id as string))
        throw new Refusal(400, 'bad-id', `${key} must be 1 to 64 letters, digits, "_" or "-"`, key)
    const query: unknown = check(taken, request.query, 'query')
    const body = await readBody?.(request, response)
    const { params } = request
    const answer = await handler({ params, query, body, request, response } as Call<RouteName>)
    if (route.status === 204) response.status(204).end()
    else if (answer !== undefined) response.status(route.status ?? 200).json(answer)
  })
}

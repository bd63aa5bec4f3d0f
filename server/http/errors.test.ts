import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import express from 'express'
import { pino } from 'pino'
import { answerErrors } from './errors'

it('logs an answer that fails half-way once, as JSON, and cuts it off', async (t) => {
  const log: string[] = []
  const printed = t.mock.method(console, 'error', () => undefined)
  const app = express()
  app.get('/', (_request, response) => {
    response.write('half')
    throw new Error('the disk is broken')
  })
  app.use(answerErrors(pino({}, { write: (line) => log.push(line) })))
  const server = app.listen(0)
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await assert.rejects(async () => (await fetch(`http://localhost:${port}`)).text())
  await new Promise(setImmediate)
  assert.deepEqual([log.length, printed.mock.callCount()], [1, 0])
})

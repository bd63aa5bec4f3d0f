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

it('says that a range which a file lacks cannot be met, not that it is malformed', async (t) => {
  const app = express()
  app.get('/', (_request, response) => response.sendFile(__filename, { dotfiles: 'allow' }))
  app.use(answerErrors(pino({ level: 'silent' })))
  const server = app.listen(0)
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://localhost:${port}`, { headers: { range: 'bytes=99999-' } })
  assert.equal(answer.status, 416)
  assert.match(((await answer.json()) as { message: string }).message, /header cannot be met/)
})

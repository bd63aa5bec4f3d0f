import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { UserError } from '../cli/user-error'
import { startOnPort } from './ports'

describe('the port of a part', () => {
  const portOf = (server: Server) => (server.address() as AddressInfo).port
  const listening = (t: TestContext) => async (port: number) => {
    const server = createServer().listen(port, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    return server
  }
  const wanted = { user: 'the page', flag: '--page-port' }

  it('is the usual one for the first of two that start at the same time, and a free one for the other', async (t) => {
    const spare = await listening(t)(0)
    const usual = portOf(spare)
    spare.close()
    const told: string[] = []
    const start = () => startOnPort({ ...wanted, usual }, (line) => told.push(line), listening(t))
    const [one, other] = (await Promise.all([start(), start()])).map(portOf)
    assert.ok((one === usual) !== (other === usual), `${one} and ${other}`)
    assert.deepEqual(told, [`Port ${usual} is in use: the page takes a free one.`])
  })

  it('is refused in one line if the user set it and it is taken', async (t) => {
    const chosen = portOf(await listening(t)(0))
    await assert.rejects(
      startOnPort({ ...wanted, usual: 1, chosen }, () => undefined, listening(t)),
      {
        name: 'UserError',
        message: `Port ${chosen} is in use: give the page another one by --page-port, or leave --page-port out to take a free one`
      }
    )
  })

  it('is refused in one line if the user set it and may not have it', async () => {
    const refused = Object.assign(new Error('no'), { code: 'EACCES', syscall: 'listen' })
    for (const error of [refused, new UserError('set PORT', { cause: refused })])
      await assert.rejects(
        startOnPort(
          { ...wanted, usual: 1, chosen: 80 },
          () => undefined,
          () => Promise.reject(error)
        ),
        {
          name: 'UserError',
          message:
            'Not allowed to listen on port 80: give the page another one by --page-port, or leave --page-port out to take a free one'
        }
      )
  })

  it('says nothing of another error', async () => {
    const noFolder = Object.assign(new Error('no folder'), { code: 'EACCES', syscall: 'mkdir' })
    for (const error of [new Error('no page'), noFolder])
      await assert.rejects(
        startOnPort(
          { ...wanted, usual: 1, chosen: 80 },
          () => undefined,
          () => Promise.reject(error)
        ),
        error
      )
  })
})

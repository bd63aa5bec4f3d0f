/**
 * The minimum that a server can do: parse the body and append it to a file, unsynced. Arguments: http or
 * express, and the file.
 */
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'

const [kind, path] = process.argv.slice(2)
/** Answers wait for it: otherwise the rate would measure how fast memory grows. */
const file = createWriteStream(path!)

function bareHttp() {
  return createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      JSON.parse(body.toString())
      file.write(body)
      file.write('\n', () => response.end('{}'))
    })
  })
}

function bareExpress() {
  const app = express()
  app.use(express.json({ limit: '1mb' }))
  app.use(({ body }, response) => file.write(`${JSON.stringify(body)}\n`, () => response.json({})))
  return createServer(app)
}

const server = kind === 'express' ? bareExpress() : bareHttp()
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

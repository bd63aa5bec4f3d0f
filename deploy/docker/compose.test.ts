import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { parse } from 'yaml'
import { optionsAt } from '../../cli/surface'

/** Set for each container, or when its image is built; the submit token is enough. */
const OWN = 'BROWSER_CORE CLIENT_URL FIRST_PEER_NUMBER NODE_NAME PEER_LIBRARY RESULTS_SERVER_TOKEN RUNNER_ID'

it('docker compose hands on every other option of a runner', () => {
  const file = readFileSync(join(__dirname, '../../docker-compose.yml'), 'utf8')
  const { services } = parse(file, { merge: true }) as { services: { client: { environment: object } } }
  const missing = optionsAt('runner').filter(({ name }) => !(name in services.client.environment))
  assert.deepEqual(missing.map(({ name }) => name).sort(), OWN.split(' '))
})

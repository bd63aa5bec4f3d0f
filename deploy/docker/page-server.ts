/**
 * Serves the client image's page to the tabs of the same container. Usage: node page-server.js FOLDER PORT
 */
import { servePage } from '../../client/bundle/static-server'

const [folder = 'page', port = '7654'] = process.argv.slice(2)

servePage(folder, { port: Number(port) }).catch((error: unknown) => {
  console.error(`The page cannot be served on port ${port}: ${String(error)}`)
  process.exitCode = 1
})

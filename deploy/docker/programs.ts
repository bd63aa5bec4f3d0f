/** Programs of each image, by file name. The server finds its workers next to itself. */
export const PROGRAMS: Record<string, Record<string, string>> = {
  client: { 'run-clients': 'run-clients.ts' },
  server: {
    server: 'server/server.ts',
    'body-worker': 'server/http/body-worker.ts',
    'results-worker': 'server/store/results-worker.ts',
    'relay-worker': 'server/influx/relay-worker.ts',
    'one-test': 'deploy/docker/one-test.ts',
    lighthouse: 'lighthouse/server.ts'
  }
}

/** Entry points of each image. Workers are separate entry points, which the server finds next to itself. */
export const PROGRAMS: Record<string, string[]> = {
  client: ['run-clients.ts'],
  server: [
    'server/server.ts',
    'server/http/body-worker.ts',
    'server/store/results-worker.ts',
    'server/influx/relay-worker.ts',
    'deploy/docker/one-test.ts'
  ],
  lighthouse: ['lighthouse/server.ts']
}

/** The results server of a checkout: it builds the dashboard that it serves. */
import { buildDashboard } from '../dashboard/build'
import { isService, program, run as serve } from '../server/server'

export { program, isService }

export async function run(signal: AbortSignal): Promise<number> {
  if (program.opts<{ dashboard?: string }>().dashboard === undefined)
    await buildDashboard({ outDir: 'build/dashboard' })
  return serve(signal)
}

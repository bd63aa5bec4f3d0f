/** The results server with the dashboard of its checkout or package. */
import { buildOwnDashboard } from '../dashboard/build'
import { isService, program, run as serve } from '../server/server'

export { program, isService }

export async function run(signal: AbortSignal): Promise<number> {
  if (program.opts<{ dashboard?: string }>().dashboard !== undefined) return serve(signal)
  const { folder, close } = await buildOwnDashboard()
  program.setOptionValue('dashboard', folder)
  return serve(signal).finally(close)
}

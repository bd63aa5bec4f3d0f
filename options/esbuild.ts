import { setImmediate } from 'node:timers/promises'
import * as esbuild from 'esbuild'
import { UserError } from './user-error'

async function buildOrStop(options: esbuild.BuildOptions): Promise<esbuild.BuildResult> {
  try {
    return await esbuild.build(options)
  } catch (error) {
    if ((error as Partial<esbuild.BuildFailure>).errors) throw error
    // The signal itself may come after.
    await setImmediate()
    throw new UserError('The bundler was stopped', { cause: error })
  }
}

/**
 * Rejects with esbuild's BuildFailure, or with a UserError if its process has ended: Ctrl-C in a terminal ends
 * that, too.
 */
export const build = buildOrStop as typeof esbuild.build

import { setImmediate } from 'node:timers/promises'
import * as esbuild from 'esbuild'
import { UserError } from './user-error'

/** Rejects as esbuild does, but with UserError if its process has ended, as by Ctrl-C. */
export const build = ((options) =>
  esbuild.build(options).catch(async (error: unknown) => {
    if (!(error as Error).message.startsWith('The service ')) throw error
    // The signal itself may come after.
    await setImmediate()
    throw new UserError('The bundler was stopped', { cause: error })
  })) as typeof esbuild.build

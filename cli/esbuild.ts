import { setImmediate, setTimeout } from 'node:timers/promises'
import * as esbuild from 'esbuild'
import { UserError } from './user-error'

/** One Ctrl-C reaches esbuild and this process, but on a busy machine not at once. */
const SAME_SIGNAL_MS = 500

/** Rejects as esbuild does, but with UserError if its process has ended, as by Ctrl-C. */
export const build = ((options) =>
  esbuild.build(options).catch(async (error: unknown) => {
    if (!(error as Error).message.startsWith('The service ')) throw error
    // Callers ask whether it was a signal.
    await setTimeout(SAME_SIGNAL_MS)
    await setImmediate()
    throw new UserError('The bundler was stopped', { cause: error })
  })) as typeof esbuild.build

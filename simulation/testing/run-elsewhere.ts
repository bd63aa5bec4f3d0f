/** Runs the small simulation of one-run.ts in a separate process. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Digests } from './one-run'

/** `node` is the executable of any Node version that the suite supports. */
export async function runElsewhere(node = process.execPath, flags: string[] = []): Promise<Digests> {
  const program = [...flags, '--require', 'tsx/cjs', join(__dirname, 'one-run.ts')]
  const { stdout } = await promisify(execFile)(node, program, { env: { ...process.env, NODE_OPTIONS: '' } })
  return JSON.parse(stdout) as Digests
}

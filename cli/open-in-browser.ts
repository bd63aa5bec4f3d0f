import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = { darwin: ['open'], win32: ['explorer'] }

/** Opens a file with the desktop's program for such files. Without a desktop, says so and continues. */
export function openInBrowser(file: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  spawn(program!, [...args, resolve(file)], { stdio: 'ignore', detached: true })
    .on('error', () => console.error(`Nothing here opens files (${program!}): open ${file} yourself`))
    .unref()
}

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = { darwin: ['open'], win32: ['explorer'] }

/** Opens a file with what the desktop opens such files with. Where there is no desktop, says so and goes on. */
export function openInBrowser(file: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  spawn(program!, [...args, resolve(file)], { stdio: 'ignore', detached: true })
    .on('error', () => {
      console.error(`Nothing here opens files (${program!}): open ${file} yourself`)
    })
    .unref()
}

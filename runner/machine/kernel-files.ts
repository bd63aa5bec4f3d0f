/** Reads the text files of Linux's /proc and /sys. Tests point it at a folder of copies. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../../protocol/attempt'

export class KernelFiles {
  constructor(private readonly root = '/') {}

  read(path: string): string | undefined {
    return attempt(() => readFileSync(join(this.root, path), 'utf8'))
  }

  list(path: string): string[] {
    return attempt(() => readdirSync(join(this.root, path))) ?? []
  }
}

/** The number after `name` in a file with lines such as `nr_throttled 12` or `MemTotal:  24 kB`. */
export function numberNamed(name: string, text: string | undefined): number | undefined {
  for (const line of text?.split('\n') ?? []) {
    const [key, value] = line.split(/:?\s+/)
    if (key === name) return Number(value)
  }
  return undefined
}

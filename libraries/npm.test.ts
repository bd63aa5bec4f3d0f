import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { UserError } from '../cli/user-error'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { npmInstall } from './npm'

// cspell:ignore EINVALIDPACKAGENAME notarget
const LOG = 'npm error A complete log of this run can be found in: /root/.npm/_logs/debug-0.log'
const CASES: { what: string; npm: string; says: string }[] = [
  {
    what: 'a registry that is not there',
    npm: 'npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED\nnpm error FetchError: request to http://127.0.0.1:1/mine failed',
    says: 'npm cannot fetch mine@1.0.0 (ECONNREFUSED): is its registry reachable?'
  },
  {
    what: 'a registry whose name is unknown',
    npm: 'npm error code ENOTFOUND\nnpm error syscall getaddrinfo',
    says: 'npm cannot fetch mine@1.0.0 (ENOTFOUND): is its registry reachable?'
  },
  {
    what: 'a registry that breaks down',
    npm: 'npm error code E503\nnpm error 503 Service Unavailable - GET http://127.0.0.1:1/mine',
    says: 'npm cannot fetch mine@1.0.0 (E503): is its registry reachable?'
  },
  {
    what: 'a name that npm does not allow, made safe to print',
    npm: `npm error code EINVALIDPACKAGENAME\nnpm error Invalid package name "evil\u001b[31m!": name can only contain URL-friendly characters.\n${LOG}`,
    says: 'npm cannot fetch mine@1.0.0 (EINVALIDPACKAGENAME): Invalid package name "evil\ufffd[31m!": name can only contain URL-friendly characters.'
  },
  {
    what: 'a file that is not there',
    npm: `npm error code ENOENT\nnpm error syscall open\nnpm error path /gone/package.json\nnpm error errno -2\nnpm error enoent Could not read package.json\n${LOG}`,
    says: 'npm cannot fetch mine@1.0.0 (ENOENT): enoent Could not read package.json'
  },
  {
    what: 'a git dependency',
    npm: 'npm error code EALLOWGIT\nnpm error Fetching packages of type "git" have been disabled',
    says: 'mine@1.0.0 depends on git: if you trust all of it, set npm_config_allow_git=all'
  },
  {
    what: 'a package that is not published',
    npm: 'npm error code E404\nnpm error 404 Not Found',
    says: 'There is no package mine in the npm registry'
  },
  {
    what: 'a dependency that is not published',
    npm: "npm error code E404\nnpm error 404 Not Found - GET http://127.0.0.1:1/@company%2ftransport - Not found\nnpm error 404\nnpm error 404  The requested resource '@company/transport@^1.0.0' could not be found or you do not have permission to access it.",
    says: 'There is no package @company/transport in the npm registry, and mine@1.0.0 needs it'
  },
  {
    what: 'a version that is not published',
    npm: 'npm error code ETARGET\nnpm error notarget No matching version found for mine@1.0.0.',
    says: 'mine@1.0.0 is not published. Published versions: 0.8.0, 0.9.0'
  },
  {
    what: 'a version of a dependency that is not published',
    npm: 'npm error code ETARGET\nnpm error notarget No matching version found for simple-peer@^99.0.0.\nnpm error notarget In most cases you or one of your dependencies are requesting',
    says: 'simple-peer@^99.0.0 is not published, and mine@1.0.0 needs it. Published versions: 0.8.0, 0.9.0'
  },
  {
    what: 'a version that is too new for the user’s settings',
    npm: 'npm error code ETARGET\nnpm error notarget No matching version found for mine@1.0.0 with a date before 11/22/2026, 5:08:36 PM.',
    says: 'npm finds no mine@1.0.0 with a date before 11/22/2026, 5:08:36 PM, and may take none that is newer: see "before" and "min-release-age" in .npmrc'
  }
]

describe('npm', () => {
  const { PATH } = process.env
  const folder = temporaryFolder()
  before(() => {
    process.env.PATH = `${folder}:${PATH}`
  })
  after(() => {
    process.env.PATH = PATH
  })
  const refuses = async (script: string, message: string) => {
    await writeFile(join(folder, 'npm'), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, 'npm'), 0o755)
    await assert.rejects(npmInstall(folder, 'mine@1.0.0'), (error: Error) => {
      assert.ok(error instanceof UserError)
      assert.equal(error.message, message)
      return true
    })
  }

  for (const { what, npm, says } of CASES)
    it(`is explained: ${what}`, () =>
      refuses(
        `[ $1 = view ] && echo '["0.8.0", "0.9.0"]' && exit\ncat >&2 <<'END'\n${npm}\nEND\nexit 1`,
        says
      ))

  it('runs neither scripts of a git dependency nor what its .npmrc calls git, whatever its version', () =>
    refuses(
      'echo "npm error $npm_config_git $npm_config_allow_git $npm_config_script_shell" >&2; exit 1',
      'npm cannot fetch mine@1.0.0: git none true'
    ))

  it('is stopped by Ctrl-C, which reaches its whole process group', () =>
    refuses('kill -INT $$', 'Stopped by SIGINT'))
})

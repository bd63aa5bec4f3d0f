/** Runs npm to install packages and look up their versions. */
import { execFile, type ExecFileException } from 'node:child_process'
import { promisify } from 'node:util'
import { printable } from '../cli/printable'
import { UserError } from '../cli/user-error'

const run = promisify(execFile)
/** Without scripts, npm 10 runs `prepare` of folders and git dependencies, whose .npmrc may name its git. */
const NO_PROGRAMS = { npm_config_git: 'git', npm_config_allow_git: 'none', npm_config_script_shell: 'true' }
/** A package and its dependencies are only a few MB. */
const TIMEOUT_MS = 180_000

/** Installs `name@version` or a folder into `folder`, without running scripts. Throws UserError. */
export async function npmInstall(folder: string, what: string): Promise<void> {
  try {
    // Else a user's .npmrc decides whether there is a lock file, and where the dependencies are.
    const alike = ['--save', '--package-lock', '--install-strategy=hoisted']
    await npm(['install', '--prefix', folder, '--install-links', '--save-exact', ...alike], [what])
  } catch (error) {
    throw await explain(error, what)
  }
}

/** Published versions, oldest first. Throws UserError if the package or the registry is not found. */
export const publishedVersions = (name: string) => view(name, 'versions')

/** The newest published version, as its maintainers tag it. Throws UserError. */
export const latestVersion = async (name: string) => (await view(name, 'version'))[0]!

async function view(name: string, field: 'version' | 'versions'): Promise<string[]> {
  try {
    const { stdout } = await npm(['view', '--json'], [name, field])
    return [JSON.parse(stdout) as string | string[]].flat()
  } catch (error) {
    throw await explain(error, name)
  }
}

/** Runs npm. `names` are never read as options, even if they start with a dash. */
function npm(args: string[], names: string[]): Promise<{ stdout: string; stderr: string }> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  return run('npm', [...args, ...quiet, '--', ...names], {
    // Node options of this program, such as Bazel's module resolution, must not affect npm.
    env: { ...NO_PROGRAMS, ...process.env, NODE_OPTIONS: '' },
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 24
  })
}

/** As npm names them, when the registry or the way to it fails. */
const UNREACHABLE =
  /^(E5\d\d|ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)$/

/** How npm names the package that it lacks, which may be a dependency. */
const LACKING = /No matching version found for (\S+?)(?: with a date before (.+))?\.$|404 .*'(\S+)'/m

const nameOf = (what: string) => what.replace(/(?!^)@[^@/]*$/, '')

async function explain(error: unknown, what: string): Promise<UserError> {
  const { stderr = '', message, killed, signal } = error as ExecFileException
  // Ctrl-C reaches npm itself, as part of the same process group.
  if (signal && !killed) return new UserError(`Stopped by ${signal}`)
  const code = killed ? 'ETIMEDOUT' : /npm (?:error|ERR!) code (\S+)/.exec(stderr)?.[1]
  const [, version, latest, absent] = LACKING.exec(stderr) ?? []
  const lacking = printable(version ?? absent ?? what)
  const name = nameOf(lacking)
  const needed = name === nameOf(what) ? '' : `, and ${what} needs it`
  if (code === 'E404') return new UserError(`There is no package ${name} in the npm registry${needed}`)
  if (latest !== undefined)
    return new UserError(
      `npm finds no ${lacking} with a date before ${printable(latest)}${needed}, and may take none that is newer: see "before" and "min-release-age" in .npmrc`
    )
  if (code === 'ETARGET')
    return new UserError(
      `${lacking} is not published${needed}. Published versions: ${(await publishedVersions(name)).join(', ')}`
    )
  if (code === 'EINTEGRITY')
    return new UserError(
      `${what} is not what was published (its integrity hash differs): nothing was installed`
    )
  if (code !== undefined && UNREACHABLE.test(code))
    return new UserError(`npm cannot fetch ${what} (${code}): is its registry reachable?`)
  const words = /npm (?:error|ERR!) (?!code|errno|network|syscall|path)(.*)/.exec(stderr)?.[1]
  const reason = printable(words ?? message.split('\n')[0]!)
  if (code === 'EALLOWGIT')
    return new UserError(`${what} depends on git: if you trust all of it, set npm_config_allow_git=all`)
  return new UserError(`npm cannot fetch ${what}${code === undefined ? '' : ` (${code})`}: ${reason}`)
}

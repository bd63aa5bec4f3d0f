/** What tests need in addition to npm packages, and how to install it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

type Requirement = { command: string; debianPackage: string; why: string }

/** For database tests (`*.db.test.ts`). */
export const DATABASES: readonly Requirement[] = [
  { command: 'influxd', debianPackage: 'influxdb', why: 'the relay is tested against a real InfluxDB 1.x' },
  {
    command: 'victoria-metrics',
    debianPackage: 'victoria-metrics',
    why: 'and against a second server that takes its writes'
  },
  { command: 'promtool', debianPackage: 'prometheus', why: 'it scrapes the server' }
]

export const TURN_SERVER: readonly Requirement[] = [
  { command: 'turnserver', debianPackage: 'coturn', why: 'peers are tested behind a real TURN server' }
]

/**
 * As root on Debian, installs what is missing. Otherwise prints the command that does and exits with 1. For
 * browsers, see runner/browser.ts.
 */
export function ensure(requirements: readonly Requirement[]): void {
  const missing = requirements.filter(({ command }) => !isInstalled(command))
  if (missing.length === 0) return
  const packages = missing.map(({ debianPackage }) => debianPackage)
  const install = `apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`Installing what the tests need: ${install}`)
    spawnSync('sh', ['-c', `apt-get update -qq && ${install} -qq`], {
      stdio: ['ignore', 'ignore', 'inherit']
    })
    if (missing.every(({ command }) => isInstalled(command))) return
  }
  for (const { command, why } of missing) console.error(`${command} was not found: ${why}.`)
  console.error(`On Debian or Ubuntu: sudo apt-get update && sudo ${install}`)
  console.error('Without them: npm run test:unit')
  process.exit(1)
}

const isInstalled = (command: string) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${command}`))

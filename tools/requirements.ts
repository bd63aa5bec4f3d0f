/** What the tests need of the machine besides npm's packages, and how it gets there. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

interface Requirement {
  command: string
  debianPackage: string
  why: string
}

const REQUIREMENTS: Requirement[] = [
  { command: 'influxd', debianPackage: 'influxdb', why: 'the relay is tested against a real InfluxDB 1.x' },
  {
    command: 'victoria-metrics',
    debianPackage: 'victoria-metrics',
    why: 'and against a second server that takes its writes'
  }
]

/**
 * Installs what is missing where that is possible (root on Debian), telling so. Browsers see to themselves
 * (runner/browser.ts). Ends the process with 1 and one message that names the commands where it is not.
 */
export function ensureRequirements(): void {
  const missing = REQUIREMENTS.filter(({ command }) => !isInstalled(command))
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
  process.exit(1)
}

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${command}`))
}

/**
 * Writes grafana/dashboards/*.json from the TypeScript files next to this one; with --check, only reports
 * whether they are up to date.
 */
import { Command } from 'commander'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareTwoTests } from './compare-two-tests'
import type { ClassicDashboard } from './frame'
import { peerDetail } from './peer-detail'
import { runners } from './runners'
import { testOverview } from './test-overview'

export const FOLDER = join(__dirname, 'dashboards')

export const DASHBOARDS: Readonly<Record<string, () => ClassicDashboard>> = {
  'test-overview.json': testOverview,
  'peer-detail.json': peerDetail,
  'runners.json': runners,
  'compare-two-tests.json': compareTwoTests
}

export const textOf = (dashboard: ClassicDashboard) => `${JSON.stringify(dashboard, null, 2)}\n`

/** Names of the files in a folder that differ from the generated ones. */
export async function staleFiles(folder: string): Promise<string[]> {
  const stale = []
  for (const [name, make] of Object.entries(DASHBOARDS)) {
    const committed = await readFile(join(folder, name), 'utf8').catch(() => '')
    if (committed !== textOf(make())) stale.push(name)
  }
  return stale
}

async function main(check: boolean): Promise<void> {
  if (check) {
    const stale = await staleFiles(FOLDER)
    if (stale.length > 0)
      throw new Error(`Stale in grafana/dashboards: ${stale.join(', ')}. Run: npm run grafana`)
    console.log('The Grafana dashboards are fresh')
    return
  }
  await mkdir(FOLDER, { recursive: true })
  for (const [name, make] of Object.entries(DASHBOARDS)) {
    await writeFile(join(FOLDER, name), textOf(make()))
    console.log(`grafana/dashboards/${name}`)
  }
}

if (require.main === module) {
  const program = new Command('grafana')
    .description('Generates the Grafana dashboards from TypeScript.')
    .option('--check', 'write nothing; exit with 1 if a committed file is stale')
    .action(({ check }: { check?: true }) => main(check === true))
  refuseSwallowedFlags(program)
    .parseAsync()
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    })
}

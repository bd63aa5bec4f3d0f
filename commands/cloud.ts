/** The lab on AWS: a package of its own, so that nobody else installs the CDK. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command } from 'commander'

const SETUP = join(__dirname, '../tools/with-setup.sh')

export const program = new Command('npx peer-perf cloud')
  .description('A lab on AWS Fargate: up, results, down (docs/deploying.md).')
  .argument('[arguments...]')
  .helpOption(false)
  .allowUnknownOption()

export async function run(): Promise<number> {
  const args = program.args.length > 0 ? program.args : ['--help']
  const child = spawn('sh', [SETUP, '-C', 'deploy/aws', 'ts-node', 'cloud.ts', ...args], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

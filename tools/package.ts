/**
 * Makes `build/package/`, which the npm package consists of: the programs, each in one file with what it
 * imports, their workers, the pages, and what other programs import. `npm pack` runs it.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build, transform, type Metafile, type Plugin } from 'esbuild'
import { transpileDeclaration } from 'typescript'
import { z } from 'zod'
import { judgedSchema } from '../analysis/formats/judged'
import { copyPageFiles } from '../libraries/bundle/bundle'
import { LOCK, lockedIntegrity } from '../libraries/bundle/sources'
import { buildDashboard } from '../dashboard/build'
import { bundleProgram, NEVER_USED, NODE_PROGRAM, slim } from '../deploy/docker/bundle'
import { program } from '../commands/compare'
import { fail } from '../cli/command'
import { suiteCommit } from '../cli/suite-commit'
import { configurationSchema } from '../orchestration/configuration'
import { dependencies } from '../package.json'
import { WORKERS } from './compiled'
import { bundleOwn, OWN_PROGRAMS } from '../simulation/world/bundles'

const ROOT = resolve(__dirname, '..')
const OUT = join(ROOT, 'build/package')

/** `import { … } from 'catalyst-peer-distributed-performance-tests/verdict'`. */
const EXPORTS = {
  verdict: 'analysis/verdict.ts',
  network: 'runner/on-network.ts',
  simulation: 'simulation/api.ts'
}

async function main(): Promise<void> {
  await rm(OUT, { recursive: true, force: true })
  const dashboard = buildDashboard({ outDir: join(OUT, 'dashboard') })
  const metafiles = await Promise.all([buildPrograms(), buildExports(), buildPage(), dashboard])
  await Promise.all([
    buildSimulation(),
    bundleProgram('client', join(OUT, 'runner')),
    writeIntegrities(),
    write('schemas/comparison.json', JSON.stringify(z.toJSONSchema(judgedSchema, { io: 'input' }))),
    write('schemas/peer-perf.json', JSON.stringify(configurationSchema(program))),
    write('THIRD-PARTY.txt', await licences(metafiles))
  ])
}

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  metafile: true,
  logLevel: 'warning'
} as const

const NODE = {
  ...NODE_PROGRAM,
  metafile: true as const,
  external: [...Object.keys(dependencies), ...NEVER_USED]
}

/** All subcommands in one file: it is read lazily, and starts in a fifth of a second. */
async function buildPrograms(): Promise<Metafile> {
  const { metafile } = await build({
    ...NODE,
    entryPoints: ['commands/main.ts', ...WORKERS],
    entryNames: '[name]',
    outdir: OUT,
    banner: { js: `process.env.SUITE_COMMIT ||= ${JSON.stringify(suiteCommit() ?? '')};` },
    plugins: [slim, onlyInCheckout]
  })
  return metafile
}

/** Commands that work on the sources. */
const onlyInCheckout: Plugin = {
  name: 'only in a checkout',
  setup(bundler) {
    bundler.onLoad({ filter: /\/commands\/(bench|cloud|devserver)\.ts$/ }, () => ({
      loader: 'ts',
      resolveDir: join(ROOT, 'commands'),
      contents: `import { Command } from 'commander'
import { UserError } from '../cli/user-error'
export const program = new Command().helpOption(false).allowUnknownOption().allowExcessArguments()
export const run = () => Promise.reject(new UserError('This command works on the sources: clone the repository and run it there'))`
    }))
  }
}

async function buildExports(): Promise<Metafile> {
  const { verdict, ...programs } = EXPORTS
  const [pure, others] = await Promise.all([
    build({
      ...COMMON,
      entryPoints: { verdict },
      outdir: OUT,
      outExtension: { '.js': '.mjs' },
      format: 'esm',
      platform: 'neutral',
      target: 'es2022'
    }),
    build({ ...NODE, entryPoints: programs, outdir: OUT, plugins: [slim] })
  ])
  for (const [name, path] of Object.entries(EXPORTS)) await declare(path, name)
  return { inputs: { ...pure.metafile.inputs, ...others.metafile.inputs }, outputs: {} }
}

/** The types of a module, which must not need those of another file. */
async function declare(path: string, name: string): Promise<void> {
  const source = await readFile(join(ROOT, path), 'utf8')
  const { outputText, diagnostics = [] } = transpileDeclaration(source, { fileName: path })
  const [needed] = /^import .* from ['"].*['"]/m.exec(outputText) ?? []
  if (diagnostics.length > 0 || needed !== undefined)
    throw new Error(`${path}: its types must stand alone (${needed ?? 'write the types of its exports'})`)
  await write(`${name}.d.${name === 'verdict' ? 'mts' : 'ts'}`, outputText)
}

/**
 * The modules of the page, which are bundled with a build of the peer library when it is known. The adapters
 * stay apart: older generations replace one, and a page loads only the library that it is asked for.
 */
async function buildPage(): Promise<Metafile> {
  const outdir = join(OUT, 'page')
  const adapters = ['layers', 'islands', 'first-layers', 'early-layers'].map(
    (name) => `client/peer-libraries/${name}.ts`
  )
  const { metafile, outputFiles } = await build({
    ...COMMON,
    write: false,
    // Its functions show up in profiles.
    minify: false,
    minifySyntax: true,
    minifyWhitespace: true,
    entryPoints: ['client/index.ts', 'simulation/world/page-entry.ts', ...adapters],
    entryNames: '[name]',
    outdir,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome110',
    external: ['peer-layers', 'peer-islands', 'simple-peer', 'protobufjs', './layers', './islands']
  })
  await copyPageFiles(outdir)
  // An adapter is loaded when it is asked for: in a module, esbuild reads that but does not write it.
  for (const shim of ['__require("./layers")', '__require("./islands")'])
    if (!outputFiles.some(({ text }) => text.includes(shim)))
      throw new Error(`The page has no ${shim} any more`)
  for (const { path, text } of outputFiles)
    await writeFile(path, text.replaceAll(/__(?=require\("\.\/(?:layers|islands)"\))/g, ''))
  return metafile
}

async function buildSimulation(): Promise<void> {
  for (const name of OWN_PROGRAMS) {
    // A function's body may return, which a file may not.
    const body = `function body() {${await bundleOwn(name)}\n}`
    const { code } = await transform(body, { minifyWhitespace: true, legalComments: 'none' })
    await write(`simulation/${name}.js`, code.slice(code.indexOf('{') + 1, code.lastIndexOf('}')))
  }
}

/** Results name the content of the build. */
async function writeIntegrities(): Promise<void> {
  const packages: Record<string, object> = {}
  for (const name of ['peer-islands', 'peer-layers'])
    packages[`node_modules/${name}`] = { integrity: await lockedIntegrity(LOCK, name) }
  await write('integrities.json', JSON.stringify({ packages }))
}

/** The licences of all packages that the files contain. */
async function licences(metafiles: readonly Metafile[]): Promise<string> {
  const files = metafiles.flatMap(({ inputs }) => Object.keys(inputs))
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(
      await readFile(join(ROOT, folder, 'package.json'), 'utf8')
    ) as Record<string, string>
    const file = (await readdir(join(ROOT, folder))).find((each) =>
      /^(license|licence|copying)\b/i.test(each)
    )
    const text = file === undefined ? '' : await readFile(join(ROOT, folder, file), 'utf8')
    return `${name!} ${version!}: ${license!}\n\n${text.trim()}\n`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(OUT, name)), { recursive: true })
  await writeFile(join(OUT, name), text)
}

main().catch(fail)

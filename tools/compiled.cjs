/**
 * The suite's programs as plain JavaScript: esbuild compiles each once for each content of its sources, into one file with
 * all modules that it imports. That starts in a third of the time that a module at a time takes.
 */
'use strict'
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { isBuiltin } = require('node:module')
const { tmpdir } = require('node:os')
const { dirname, join, relative } = require('node:path')
const { performance } = require('node:perf_hooks')

const ROOT = join(__dirname, '..')
/** Below node_modules, so that packages are found from there. */
const CACHE = join(ROOT, 'node_modules/.cache/peer-perf')
const WEEK = 7 * 24 * 3600_000

/** Threads of the results server stand beside whatever starts it. */
const WORKERS = ['http/body-worker', 'store/results-worker', 'influx/relay-worker'].map(
  (path) => `server/${path}.ts`
)

/**
 * Folder of the compiled `<name>.js` of each entry point. Throws what esbuild throws.
 *
 * @param {string} name of the cache's entry
 * @param {string[]} entryPoints paths from the root of the checkout, or absolute
 */
async function compiled(name, entryPoints) {
  const manifest = join(CACHE, `${name}.txt`)
  const known = fs.existsSync(manifest) ? fs.readFileSync(manifest, 'utf8').split('\n') : []
  const folder = join(CACHE, `${name}-${hashOf(known)}`)
  // That of another user may be closed to this one.
  if (fs.existsSync(join(folder, 'body-worker.js'))) return folder
  const made = temporaryFolder(name)
  const began = performance.timeOrigin + performance.now()
  const sources = await compile([...entryPoints, ...WORKERS], made)
  const inputs = [...sources, 'package-lock.json', 'tsconfig.json', 'tools/compiled.cjs']
  // What is saved meanwhile may not be what was compiled: nobody else shall take it for that.
  const isChanged = (path) => fs.statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs >= began
  if (dirname(made) !== CACHE || inputs.some(isChanged)) return made
  const target = join(CACHE, `${name}-${hashOf(inputs)}`)
  fs.writeFileSync(`${made}.txt`, inputs.join('\n'))
  try {
    fs.renameSync(made, target)
  } catch (error) {
    // Two processes may compile the same at the same time: either will do.
    if (!fs.existsSync(target)) throw error
    fs.rmSync(made, { recursive: true })
  }
  fs.renameSync(`${made}.txt`, manifest)
  return target
}

/** A new folder for compiled files. In somebody else's checkout it is a temporary one, so each start compiles. */
function temporaryFolder(name) {
  try {
    fs.mkdirSync(CACHE, { recursive: true })
    removeOld()
    return fs.mkdtempSync(join(CACHE, `${name}-`))
  } catch {
    const folder = fs.mkdtempSync(join(tmpdir(), `peer-perf-${name}-`))
    process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
    fs.symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    return folder
  }
}

/** Writes the compiled files into the folder. Returns the sources' paths. */
async function compile(entryPoints, folder) {
  const { build } = require('esbuild')
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    // Bazel runs from symbolic links, next to its node_modules.
    preserveSymlinks: true,
    platform: 'node',
    target: 'node20',
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    banner: { js: 'var compiledFolder = __dirname;' },
    plugins: [ownFolders, packagesApart],
    logLevel: 'silent'
  })
  return Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'))
}

/** A module finds its files beside its source. */
const ownFolders = {
  name: 'own folders',
  setup(bundler) {
    bundler.onLoad({ filter: /\.([cm]?js|tsx?)$/ }, ({ path }) => {
      const text = relative(ROOT, path).includes('node_modules/') ? '' : fs.readFileSync(path, 'utf8')
      if (!/__(dirname|filename)\b/.test(text)) return undefined
      const names = `var __dirname = ${JSON.stringify(dirname(path))}, __filename = ${JSON.stringify(path)};`
      return { loader: path.endsWith('.tsx') ? 'tsx' : 'ts', contents: `${names}${text}` }
    })
  }
}

/** Packages stay in node_modules, where only those that are needed load, but for those that require() cannot load. */
const packagesApart = {
  name: 'packages apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point' || isBuiltin(path)) return undefined
      return isCommonJs(path, resolveDir) ? { path, external: true } : undefined
    })
  }
}

function isCommonJs(path, from) {
  try {
    const file = require.resolve(path, { paths: [from] })
    if (file !== require.resolve(path, { paths: [ROOT] }) || file.endsWith('.mjs')) return false
    return !file.endsWith('.js') || typeOf(dirname(file)) !== 'module'
  } catch {
    return false
  }
}

function typeOf(folder) {
  const file = join(folder, 'package.json')
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).type : typeOf(dirname(folder))
}

function hashOf(inputs) {
  // A program knows its folders: in a copy of this checkout it is another one.
  const hash = createHash('sha256').update(`${ROOT}\0`)
  for (const path of inputs) {
    const file = join(ROOT, path)
    const isFile = fs.statSync(file, { throwIfNoEntry: false })?.isFile()
    hash.update(`${path}\0`).update(isFile ? fs.readFileSync(file) : '')
  }
  return hash.digest('hex').slice(0, 16)
}

/** A program that still runs may start its threads from an older one. */
function removeOld() {
  for (const name of fs.readdirSync(CACHE)) {
    const path = join(CACHE, name)
    if (Date.now() - fs.statSync(path).mtimeMs > WEEK) fs.rmSync(path, { recursive: true })
  }
}

module.exports = { compile, compiled, temporaryFolder, WORKERS }

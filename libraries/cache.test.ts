import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, promises } from 'node:fs'
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { entryOf } from './bundle/entry'
import { dependenciesOf } from './bundle/own-dependencies'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { installLibrary, libraryCacheFolder, temporaryIn } from './cache'
import { detectGeneration } from './generation'
import { parseLibrary } from './specification'

const FIRST = { kind: 'published', name: 'decentraland-katalyst-peer', version: '0.1.12' } as const

describe('The cache of peer libraries', () => {
  const cache = temporaryFolder()
  const told: string[] = []
  const tell = (line: string) => told.push(line)

  /** What npm made of the first version. */
  const published = join(cache, 'published')
  const { PATH } = process.env
  const useNpm = () => (process.env.PATH = PATH)
  /**
   * Has a script stand in for npm, whose start takes a second, where only the cache is tested. It gets the
   * folder to install into as $to, and what to install as $what.
   */
  async function replaceNpm(t: TestContext, script: string) {
    const bin = await mkdtemp(join(cache, 'bin-'))
    const variables = 'to=$3; for what; do :; done'
    await writeFile(join(bin, 'npm'), `#!/bin/sh -e\n${variables}\n${script}\n`, { mode: 0o755 })
    process.env.PATH = `${bin}:${PATH}`
    t.after(useNpm)
  }
  const COPY_PUBLISHED = `cp -R '${published}/.' "$to"`
  const COPY_FOLDER = 'mkdir -p "$to/node_modules"; cp -R "$what" "$to/node_modules"'

  it('installs a published version once, and records the hash that npm checked', async () => {
    const installed = await installLibrary(FIRST, tell, cache)
    assert.match(installed.integrity, /^sha512-[A-Za-z0-9+/]{86}==$/)
    assert.deepEqual(await installLibrary(FIRST, tell, cache), installed)
    assert.deepEqual(told, ['Installing decentraland-katalyst-peer@0.1.12 …'])
    assert.equal(await entryOf(installed.folder, 'layers@0.1.12'), join(installed.folder, 'bundle.js'))
    assert.equal((await detectGeneration(installed.folder)).name, 'A')
    await cp(join(installed.folder, '../..'), published, { recursive: true })
    await rm(join(published, 'installation.json'))
  })

  it('installs alike whatever the user has set', async (t) => {
    const settings = {
      npm_config_package_lock: 'false',
      npm_config_save: 'false',
      npm_config_install_strategy: 'linked'
    }
    Object.assign(process.env, settings)
    t.after(() => Object.keys(settings).forEach((name) => Reflect.deleteProperty(process.env, name)))
    const own = await mkdtemp(join(cache, 'own-'))
    const { folder, integrity } = await installLibrary(FIRST, tell, own)
    assert.match(integrity, /^sha512-/)
    const [peer] = await dependenciesOf(folder)
    assert.deepEqual([peer?.name, peer?.isReplaced], ['simple-peer', false])
  })

  const alterations: [what: string, alter: (folder: string) => Promise<void>][] = [
    ['its bundle', (folder) => appendFile(join(folder, 'bundle.js'), '// changed')],
    ['a dependency', (folder) => appendFile(join(folder, '../simple-peer/simplepeer.min.js'), '// changed')],
    ['an absent dependency', (folder) => rm(join(folder, '../simple-peer'), { recursive: true })]
  ]
  for (const [what, alter] of alterations)
    it(`notices that a cached version was altered, and reinstalls it: ${what}`, async (t) => {
      await replaceNpm(t, COPY_PUBLISHED)
      const { folder } = await installLibrary(FIRST, tell, cache)
      await alter(folder)
      told.length = 0
      await installLibrary(FIRST, tell, cache)
      assert.match(told[0]!, /has been altered: installing it anew/)
      assert.equal(told.length, 2)
    })

  it('does without removing what belongs to another user', async (t) => {
    const shared = await mkdtemp(join(cache, 'shared-'))
    const old = join(shared, '.installing-old')
    await mkdir(old)
    await utimes(old, 1, 1)
    t.mock.method(promises, 'rm', () => Promise.reject(new Error('EACCES')))
    assert.ok(existsSync(await temporaryIn(shared)))
  })

  it('installs a local folder by its content', async (t) => {
    const local = join(cache, 'my-peer')
    await cp(resolve('node_modules/peer-layers'), local, { recursive: true })
    await writeFile(
      join(local, 'package.json'),
      // With a byte order mark, as npm takes it, too.
      '\uFEFF{ "name": "my-peer", "version": "0.0.1", "main": "bundle.js" }'
    )
    const wanted = parseLibrary(`file:${local}`) as Extract<
      ReturnType<typeof parseLibrary>,
      { kind: 'folder' }
    >
    // Of a process that was killed a day ago, and of one that still installs.
    const [old, recent] = ['old', 'recent'].map((name) => join(cache, `.installing-${name}`)) as [
      string,
      string
    ]
    for (const each of [old, recent]) await mkdir(each)
    await utimes(old, 1, 1)
    const one = await installLibrary(wanted, tell, cache)
    await replaceNpm(t, COPY_FOLDER)
    await appendFile(join(local, 'bundle.js'), '// changed')
    assert.deepEqual([existsSync(old), existsSync(recent)], [false, true])
    const two = await installLibrary(wanted, tell, cache)
    assert.equal(basename(one.folder), 'my-peer')
    assert.notEqual(one.integrity, two.integrity)
    // As `npx peer-perf compare | tee compare.log` writes it.
    await writeFile(join(local, 'compare.log'), 'Simulating')
    assert.deepEqual(await installLibrary(wanted, tell, cache), two)
    assert.equal((await detectGeneration(two.folder)).name, 'D')
    await writeFile(join(two.folder, 'bundle.js'), '// altered in the cache')
    assert.equal((await detectGeneration((await installLibrary(wanted, tell, cache)).folder)).name, 'D')

    const other = await mkdtemp(join(cache, 'other-'))
    await replaceNpm(t, `echo '// saved meanwhile' >>"$what/bundle.js"`)
    await assert.rejects(
      installLibrary(wanted, tell, other),
      /my-peer changed while it was installed: run this again/
    )
  })

  it('installs a local folder anew if a folder that it depends on has changed, at any depth', async (t) => {
    const parent = await mkdtemp(join(cache, 'local-'))
    const packages = [
      { name: 'peer', dependencies: { transport: 'file:../transport' } },
      { name: 'transport', optionalDependencies: { codec: 'file:../codec', gone: 'file:../gone' } },
      // A cycle.
      { name: 'codec', dependencies: { transport: 'file:../transport' } }
    ]
    for (const { name, ...others } of packages) {
      await mkdir(join(parent, name))
      await writeFile(
        join(parent, name, 'package.json'),
        JSON.stringify({ name, version: '1.0.0', ...others })
      )
    }
    const wanted = { kind: 'folder', path: join(parent, 'peer') } as const
    await replaceNpm(t, COPY_FOLDER)
    const { integrity } = await installLibrary(wanted, tell, cache)
    useNpm()
    await writeFile(join(parent, 'codec', 'index.js'), '// changed')
    const changed = await installLibrary(wanted, tell, cache)
    assert.notEqual(changed.integrity, integrity)
    assert.ok((await readdir(join(changed.folder, '../codec'))).includes('index.js'))
  })

  it('installs a local folder anew if an archive that it depends on has changed', async (t) => {
    const parent = await mkdtemp(join(cache, 'archive-'))
    const [peer, codec, archive] = ['peer', 'codec', 'codec.tgz'].map((name) => join(parent, name))
    const dependencies = { codec: `file:${archive!}` }
    for (const [folder, manifest] of [
      [codec!, { name: 'codec', version: '1.0.0' }],
      [peer!, { name: 'peer', version: '1.0.0', dependencies }]
    ] as const) {
      await mkdir(folder)
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
    }
    const pack = () => execFileSync('tar', ['-czf', archive!, '-C', parent, 'codec'])
    const wanted = { kind: 'folder', path: peer! } as const
    pack()
    await replaceNpm(t, COPY_FOLDER)
    const { integrity } = await installLibrary(wanted, tell, cache)
    useNpm()
    await writeFile(join(codec!, 'index.js'), '// changed')
    pack()
    const changed = await installLibrary(wanted, tell, cache)
    assert.notEqual(changed.integrity, integrity)
    assert.ok((await readdir(join(changed.folder, '../codec'))).includes('index.js'))
  })

  it('is left alone by a second process that installs the same', async (t) => {
    const own = await mkdtemp(join(cache, 'shared-'))
    // The second has installed it only once the first has put its own in place.
    const isFirst = `mkdir '${join(cache, 'first')}' 2>/dev/null`
    const waits = `until ls '${own}'/*/installation.json >/dev/null 2>&1; do sleep 0.02; done`
    await replaceNpm(t, `${COPY_PUBLISHED}\n${isFirst} || ${waits}`)
    const installing = [1, 2].map(() => installLibrary(FIRST, tell, own))
    const { folder } = await Promise.race(installing)
    const { ino } = await stat(folder)
    const [one, two] = await Promise.all(installing)
    assert.deepEqual(one, two)
    assert.equal((await stat(folder)).ino, ino)
    assert.equal((await readdir(own)).length, 1)
  })

  it('leaves alone what a second process puts in place at the last moment', async (t) => {
    await replaceNpm(t, COPY_PUBLISHED)
    const [own, others] = [await mkdtemp(join(cache, 'shared-')), await mkdtemp(join(cache, 'others-'))]
    const { folder } = await installLibrary(FIRST, tell, others)
    const { ino } = await stat(folder)
    const rename = promises.rename
    let isFirst = true
    t.mock.method(promises, 'rename', async (from: string, to: string) => {
      const [name] = await readdir(others)
      if (isFirst) await rename(join(others, name!), join(own, name!))
      isFirst = false
      return rename(from, to)
    })
    assert.equal((await stat((await installLibrary(FIRST, tell, own)).folder)).ino, ino)
    assert.equal((await readdir(own)).length, 1)
  })

  for (const [what, XDG_CACHE_HOME] of [
    ['an empty XDG_CACHE_HOME', ''],
    ['one that is no absolute path', 'cache']
  ] as const)
    it(`is in the home folder with ${what}`, () =>
      assert.equal(libraryCacheFolder({ XDG_CACHE_HOME }), libraryCacheFolder({})))

  for (const [where, folder, reason] of [
    ['below a file', 'a file/cache', 'ENOTDIR'],
    ['in place of a file', 'a file', '.*a file is not a folder'],
    ['in /proc, where none can be made', '/proc/x/cache', 'ENOENT']
  ] as const)
    it(`says in one line that it cannot be written: ${where}`, async () => {
      await writeFile(join(cache, 'a file'), '')
      await assert.rejects(installLibrary(FIRST, tell, resolve(cache, folder)), {
        name: 'UserError',
        message: new RegExp(
          `^Builds can't be kept in .*${folder} \\(${reason}.*\\): set XDG_CACHE_HOME to a folder of yours$`
        )
      })
    })

  for (const [how, bundles] of Object.entries({ bundleDependencies: ['keys'], bundledDependencies: true }))
    it(`has nothing that a link among ${how} leads to, outside of the build’s folder`, async (t) => {
      await replaceNpm(t, COPY_FOLDER)
      const [own, outside, path] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
      const link = join(path, 'node_modules/keys')
      await mkdir(join(path, 'node_modules'))
      const install = async (target: string, bundled: unknown) => {
        await rm(link, { force: true })
        await symlink(target, link)
        const manifest = { name: basename(path), version: '1.0.0', [how]: bundled }
        await writeFile(join(path, 'package.json'), JSON.stringify(manifest))
        return installLibrary({ kind: 'folder', path }, tell, own)
      }
      const message = `${link} leads out of ${path}, which bundles it: put a copy there`
      await assert.rejects(install(outside, bundles), { name: 'UserError', message })
      assert.deepEqual(await readdir(own), [])
      await install(outside, [])
      const inside = join(path, 'inside')
      await mkdir(join(inside, 'node_modules'), { recursive: true })
      await install(inside, bundles)
      // pnpm’s links in a workspace; a build could name any package by its path.
      const shared = join(outside, 'node_modules/.pnpm/keys/node_modules/keys')
      await mkdir(join(shared, 'node_modules'), { recursive: true })
      await writeFile(join(shared, 'package.json'), '{ "name": "keys" }')
      await install(shared, bundles)
      for (const folder of [inside, shared]) {
        const further = join(folder, 'node_modules/further')
        await symlink(join(outside, 'node_modules'), further)
        await assert.rejects(install(folder, bundles), {
          message: `${further} leads out of ${folder === inside ? path : folder}, which bundles it: put a copy there`
        })
        await rm(further)
      }
      // npm packs no other links.
      await mkdir(join(path, 'node_modules/.bin'))
      await symlink(join(outside, 'program'), join(path, 'node_modules/.bin/program'))
      await writeFile(join(outside, 'program'), '')
      await install(inside, bundles)
    })

  const refusals = [
    {
      what: 'a version that is not published',
      wanted: { ...FIRST, version: '0.2.99' },
      message: /^decentraland-katalyst-peer@0\.2\.99 is not published\. Published versions: .*0\.2\.20$/
    },
    {
      what: 'a folder that is not a package',
      wanted: { kind: 'folder', path: resolve('docs') } as const,
      message: /has no package\.json with name and version/
    }
  ]
  for (const { what, wanted, message } of refusals) {
    it(`refuses ${what} in one line, and leaves nothing behind`, async () => {
      const before = await readdir(cache)
      await assert.rejects(installLibrary(wanted, tell, cache), { name: 'UserError', message })
      assert.deepEqual(await readdir(cache), before)
    })
  }
})

describe('The generation of a build', () => {
  for (const [folder, generation] of [
    ['peer-layers', 'D'],
    ['peer-islands', 'E']
  ] as const) {
    it(`is ${generation} for ${folder}`, async () =>
      assert.equal((await detectGeneration(resolve('node_modules', folder))).name, generation))
  }

  it('is refused for packages that are not a peer library or not built', async () => {
    await assert.rejects(detectGeneration(resolve('node_modules/zod')), /is not a build of the peer library/)
    await assert.rejects(
      detectGeneration(tmpdir(), 'file:../mine'),
      /^UserError: file:..\/mine is not a built package: .*"main" does not exist. Build it first; a commit, by --build or --run$/
    )
    const broken = join(temporaryFolder(), 'node_modules/mine')
    await mkdir(broken, { recursive: true })
    await writeFile(join(broken, 'index.js'), 'export const\n')
    await assert.rejects(
      detectGeneration(broken, 'file:../mine'),
      /^UserError: file:..\/mine cannot be bundled: index.js, line 2: /
    )
    await writeFile(join(broken, '../../outside.js'), 'export const\n')
    await writeFile(join(broken, 'index.js'), "export * from '../../outside'\n")
    await assert.rejects(
      detectGeneration(broken, 'file:../mine'),
      /^UserError: file:..\/mine cannot be bundled: ..\/..\/outside.js, line 2: /
    )
  })
})

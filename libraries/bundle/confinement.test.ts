import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { build } from 'esbuild'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { bundle } from './bundle'
import { confine } from './confinement'

const SECRET = 'TOP_SECRET_VALUE'

describe('a confined build', () => {
  const root = temporaryFolder()
  const folder = join(root, 'place/node_modules/@some/peer')
  const secret = join(root, 'secret/key')

  before(async () => {
    const files = {
      [secret]: SECRET,
      [`${secret}.js`]: `export default '${SECRET}'`,
      [`${secret}.json`]: `{ "key": "${SECRET}" }`,
      [join(root, 'suite/page.ts')]: `export * from 'peer'; export { own } from './own'`,
      [join(root, 'suite/own.ts')]: `export const own = 'of the suite'`,
      [join(root, 'place/node_modules/near/index.js')]: `module.exports = 'near'`,
      [join(folder, 'node_modules/inner/index.js')]: `module.exports = 'inner'`,
      [join(folder, 'other.json')]: '"other"',
      [join(folder, 'index.js.map')]: JSON.stringify({
        version: 3,
        sources: [secret],
        names: [],
        mappings: 'AAAA'
      })
    }
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
    await symlink(secret, join(folder, 'link'))
    await symlink(dirname(secret), join(folder, 'linked'))
  })

  /** All that the page would get, if the build has this code. */
  async function page(code: string): Promise<string> {
    await writeFile(join(folder, 'index.js'), code)
    const { outputFiles } = await bundle({
      entryPoints: [join(root, 'suite/page.ts')],
      alias: { peer: folder },
      bundle: true,
      write: false,
      outdir: root,
      sourcemap: true,
      preserveSymlinks: true,
      logLevel: 'silent',
      plugins: [confine({ peer: folder }, [])]
    })
    return outputFiles!.map(({ text }) => text).join('\n')
  }

  it('reads its folder and its node_modules, and the suite reads its own files', async () => {
    const text = await page(`
      import other from './other.json'
      import near from 'near'
      import inner from 'inner'
      export { other, near, inner }`)
    for (const expected of ['"other"', '"near"', '"inner"', 'of the suite'])
      assert.ok(text.includes(expected), expected)
  })

  it('may lack what it imports only if it is there', async () => {
    const code = `try { exports.x = require('absent') } catch { exports.x = 'without' }`
    assert.match(await page(code), /"without"/)
  })

  const attempts: Record<string, () => string> = {
    'a file by its path': () => `import x from '${secret}.js'; export { x }`,
    'a file by a relative path': () => `import x from '../../../../secret/key.json'; export { x }`,
    'a text': () => `import x from '${secret}' with { type: 'text' }; export { x }`,
    bytes: () => `import x from '${secret}' with { type: 'bytes' }; export { x }`,
    'a required file': () => `module.exports = require('${secret}.js')`,
    'a file imported later': () => `export const x = import('${secret}.js')`,
    'a symbolic link': () => `import x from './link' with { type: 'text' }; export { x }`,
    'a file in a linked folder': () => `import x from './linked/key.json'; export { x }`,
    'files by a pattern': () => 'export const x = (name) => require(`../../../../secret/${name}.js`)',
    'files by a pattern, later': () => 'export const x = (name) => import(`./linked/${name}.js`)',
    'a style sheet': () => `import '../../../../secret/key.css'`,
    'a file of the suite': () => `import { own } from '../../../../suite/own.ts'; export const x = own`
  }
  for (const [what, code] of Object.entries(attempts))
    it(`does not read ${what}`, async () => {
      await writeFile(`${secret}.css`, `/* ${SECRET} */`)
      await assert.rejects(page(code()), {
        name: 'UserError',
        message:
          /^The build of the peer library reads \/\S+, outside its folder and its node_modules: [^\n]+$/
      })
    })

  it('does not read a file that its manifest names', async () => {
    const manifest = join(folder, 'package.json')
    await writeFile(manifest, JSON.stringify({ main: '../../../../secret/key.json' }))
    await assert.rejects(page(''), /reads \S+key\.json, outside/)
    await rm(manifest)
  })

  const useless: Record<string, () => string> = {
    'a file address': () => `import x from 'file://${secret}' with { type: 'text' }; export { x }`,
    'an import inside a data address': () =>
      `import x from 'data:text/javascript,export { default } from "${secret}.js"'; export { x }`
  }
  for (const [what, code] of Object.entries(useless))
    it(`finds nothing by ${what}`, async () => {
      await assert.rejects(page(code()), /Could not resolve/)
    })

  for (const address of ['index.js.map', 'data:application/json;base64,'])
    it(`gets no file that its source map names: ${address}`, async () => {
      const map = JSON.stringify({ version: 3, sources: [secret], names: [], mappings: 'AAAA' })
      const url = address.startsWith('data:') ? address + Buffer.from(map).toString('base64') : address
      const code = `export const x = 'mapped'\n//# sourceMappingURL=${url}\n`
      const text = await page(code)
      assert.ok(text.includes('mapped') && !text.includes(SECRET))
      const unconfined = await build({
        entryPoints: [join(folder, 'index.js')],
        bundle: true,
        write: false,
        outdir: root,
        sourcemap: true
      })
      assert.ok(
        unconfined.outputFiles.some((file) => file.text.includes(SECRET)),
        'the fault is real'
      )
    })
})

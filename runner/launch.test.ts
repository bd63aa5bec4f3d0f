import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { launchArguments } from './launch'

describe('the browser’s arguments', () => {
  const cases: { it: string; loopbackOnly: boolean; isRoot: boolean; has: string[]; lacks: string[] }[] = [
    {
      it: 'show real addresses to peers, and keep the sandbox',
      loopbackOnly: false,
      isRoot: false,
      has: ['--disable-features=WebRtcHideLocalIpsWithMdns'],
      lacks: ['--no-sandbox', '--allow-loopback-in-peer-connection']
    },
    {
      it: 'do without the sandbox for root alone',
      loopbackOnly: false,
      isRoot: true,
      has: ['--no-sandbox'],
      lacks: []
    },
    {
      it: 'allow loopback where there is nothing else',
      loopbackOnly: true,
      isRoot: false,
      has: ['--allow-loopback-in-peer-connection'],
      lacks: []
    }
  ]
  for (const { it: name, loopbackOnly, isRoot, has, lacks } of cases) {
    it(name, () => {
      const args = launchArguments(loopbackOnly, isRoot)
      for (const arg of has) assert.ok(args.includes(arg), arg)
      for (const arg of lacks) assert.ok(!args.includes(arg), arg)
    })
  }

  it('are a fresh array each time: puppeteer changes the one it is given', () =>
    assert.notEqual(launchArguments(false), launchArguments(false)))
})

/** One round: clients and faults, then a check of the invariants. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from './calls'
import { checkDocument, Tester, type Life } from './clients'
import { checkForeignFiles, FOREIGN_IDS, writeForeignFiles } from './foreign-files'
import { startLyingInflux, type LyingInflux } from './lying-influx'
import type { DiskFaults } from './disk-faults'
import { drawPlan, type Fault, type Plan } from './plan'
import { Site } from './site'

export interface RoundResult {
  plan: Plan
  acknowledged: number
  lives: number
  /** Tests whose journal was damaged. Unless `violations` says otherwise, their states report it. */
  damaged: number
  violations: string[]
}

const TESTERS = 3
/** How long the relay may take once all faults are over: it pauses for up to 5 s between attempts. */
const RELAY_MS = 45_000

/** @param planted a disk that breaks the promises, to prove that a round notices: its only fault */
export async function runRound(seed: number, number: number, planted?: DiskFaults): Promise<RoundResult> {
  const plan = drawPlan(seed, number)
  if (planted) plan.faults = []
  const base = mkdtempSync(join(tmpdir(), 'faults-'))
  const folder = join(base, 'results')
  const influx = plan.relays ? await startLyingInflux() : undefined
  const { diskSeed, durability, logIsFull } = plan
  const site = new Site({
    folder,
    seed: diskSeed,
    durability,
    logIsFull,
    ...(influx && { influxUrl: influx.url })
  })
  const violations: string[] = []
  let testers: Tester[] = []
  try {
    writeForeignFiles(folder)
    await site.ensureUp()
    let isOver = false
    testers = Array.from(
      { length: TESTERS },
      (_, i) => new Tester(site, `test${i}`, plan.uniform, () => isOver)
    )
    if (planted) site.setDisk(planted)
    let isIdle = false
    const work = Promise.allSettled(testers.map((tester) => tester.run())).then(() => (isIdle = true))
    const untilMore = (count: number) => untilAcknowledged(testers, count, () => isIdle)
    // A planted fault lasts until it has had something to break.
    if (planted) await untilMore(100)
    await applyFaults(plan, { site, influx, folder, testers })
    for (const id of FOREIGN_IDS) await call(site.url, 'DELETE', `/test/${id}`)
    site.setDisk({})
    if (influx) influx.mode = 'ok'
    await site.ensureUp()
    // What a fault left behind shows in what is written after it.
    await untilMore(200)
    isOver = true
    await work
    const lives = testers.flatMap((tester) => tester.lives)
    violations.push(...(await checkLives(site, lives)))
    // What a planted disk has lost never reaches the database.
    if (influx && !planted) violations.push(...(await checkRelay(influx, lives)))
    // Acknowledged data is on disk, so another process must find it.
    await site.kill()
    await site.ensureUp()
    violations.push(...(await checkLives(site, lives)))
  } catch (error) {
    violations.push(`the round could not go on: ${(error as Error).message}`)
  } finally {
    await site.stop()
    await influx?.close()
  }
  violations.push(
    ...site.violations,
    ...testers.flatMap((tester) => tester.violations),
    ...checkForeignFiles(folder)
  )
  rmSync(base, { recursive: true, force: true })
  const lives = testers.flatMap((tester) => tester.lives)
  return {
    plan,
    acknowledged: acknowledgedIn(lives),
    lives: lives.length,
    damaged: lives.filter(({ isDamaged }) => isDamaged).length,
    violations: [...new Set(violations)]
  }
}

/** Resolves when so many points more have been acknowledged, or when the testers have nothing left to do. */
async function untilAcknowledged(
  testers: readonly Tester[],
  more: number,
  isIdle: () => boolean
): Promise<void> {
  const acknowledged = () => acknowledgedIn(testers.flatMap((tester) => tester.lives))
  const before = acknowledged()
  while (acknowledged() < before + more && !isIdle()) await sleep(10)
}

const acknowledgedIn = (lives: readonly Life[]) =>
  lives.reduce((sum, life) => sum + life.acknowledged.size, 0)

interface Scene {
  site: Site
  influx: LyingInflux | undefined
  folder: string
  testers: Tester[]
}

/** Process faults follow one another; disk and database faults run alongside them. */
async function applyFaults({ faults, length }: Plan, scene: Scene): Promise<void> {
  const begun = Date.now()
  const until = async (at: number) => {
    await sleep(Math.max(0, begun + at - Date.now()))
  }
  const windows: Promise<void>[] = []
  for (const { at, fault } of faults) {
    await until(at)
    if (fault.kind === 'disk' || fault.kind === 'influx') windows.push(openWindow(fault, scene))
    else await applyToProcess(fault, scene)
  }
  await Promise.all(windows)
  await until(length)
}

async function openWindow(fault: Fault & { ms: number }, { site, influx }: Scene): Promise<void> {
  if (fault.kind === 'disk') site.setDisk(fault.disk)
  if (fault.kind === 'influx' && influx) influx.mode = fault.mode
  await sleep(fault.ms)
  if (fault.kind === 'disk') site.setDisk({})
  if (fault.kind === 'influx' && influx) influx.mode = 'ok'
}

async function applyToProcess(fault: Fault, scene: Scene): Promise<void> {
  const { site } = scene
  switch (fault.kind) {
    case 'kill':
      await site.kill()
      await site.ensureUp()
      break
    case 'kill-and-two-servers':
      await site.killAndStartTwo()
      await site.ensureUp()
      break
    case 'kill-in-start':
      await site.killInStart(fault.after)
      await site.ensureUp()
      break
    case 'kill-in-end':
      await site.killInEnd(fault.after)
      await site.ensureUp()
      break
    case 'no-descriptors':
      await site.starve(fault.ms)
      break
    case 'second-server':
      await site.startSecond(fault.whileFrozen)
      break
    case 'changed-byte':
      await site.kill()
      changeByte(scene, fault.where)
      await site.ensureUp()
      break
    case 'freeze':
      await site.freeze(fault.ms)
      break
    case 'stalled-reader':
      stallReader(`${site.url}/test/test0?dataPoints=true`)
      stallReader(`${site.url}/test/test0/events?since=0`)
      break
    case 'vanished-file':
      vanish(scene)
      break
  }
}

/** Sends a request and never reads the response. */
function stallReader(url: string): void {
  const call = request(url, (response) => response.pause())
  call.on('error', () => undefined)
  call.end()
  setTimeout(() => call.destroy(), 3_000)
}

/** Removes the results file of a finished test: only that test may be affected. */
function vanish({ testers, folder }: Scene): void {
  const life = testers.map(({ current }) => current).find((current) => current?.state === 'finished')
  if (!life) return
  life.vanished = true
  rmSync(join(folder, `${life.id}.json`), { force: true })
}

/**
 * Changes a byte of the journal of a test that is not finished, behind the two lines that create and start
 * it: without those, there is no test.
 */
function changeByte({ testers, folder }: Scene, where: number): void {
  for (const life of testers.flatMap(({ current }) => current ?? [])) {
    const name = readdirSync(folder).find((file) => new RegExp(`^${life.id}\\.\\w+\\.journal$`).test(file))
    if (life.state !== 'running' || name === undefined || existsSync(join(folder, `${life.id}.json`)))
      continue
    const path = join(folder, name)
    const bytes = readFileSync(path)
    const from = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1
    const length = bytes.lastIndexOf('\n') - from
    if (from === 0 || length <= 0) continue
    bytes[from + Math.floor(where * length)]! ^= 1
    writeFileSync(path, bytes)
    life.isDamaged = true
    return
  }
}

async function checkLives(site: Site, lives: Life[]): Promise<string[]> {
  const violations: string[] = []
  const last = new Map(lives.map((life) => [life.id, life]))
  const list = await call(site.url, 'GET', '/test')
  if (list.status !== 200) violations.push(`the list of tests is answered with ${list.status ?? 'nothing'}`)
  for (const life of last.values()) {
    const { status, body } = await call(site.url, 'GET', `/test/${life.id}?dataPoints=true`)
    if (life.vanished || life.state === 'unknown') continue
    if (life.state === 'deleted') {
      if (status !== 404) violations.push(`${life.id} was deleted, and answers ${status ?? 'nothing'}`)
    } else if (status !== 200) {
      violations.push(
        `the document of ${life.id} is answered with ${status ?? 'nothing'}: ${JSON.stringify(body)}`
      )
    } else violations.push(...checkDocument(life, body))
  }
  return violations
}

async function checkRelay({ written }: LyingInflux, lives: Life[]): Promise<string[]> {
  const kept = lives.filter(
    ({ state, vanished, isDamaged }) => state === 'finished' && !vanished && !isDamaged
  )
  const missing = () =>
    kept.flatMap((life) => [...life.acknowledged].filter((number) => !written.has(number)))
  const deadline = Date.now() + RELAY_MS
  while (missing().length > 0 && Date.now() < deadline) await sleep(100)
  const lost = missing().length
  const doubled = [...written.values()].filter(({ size }) => size > 1).length
  return [
    ...(lost > 0 ? [`${lost} acknowledged points were not relayed within ${RELAY_MS / 1000} s`] : []),
    ...(doubled > 0 ? [`${doubled} points were relayed under two instants`] : [])
  ]
}

/**
 * The names that a real Chromium has, by owner: those of `window`, and those of each name that the simulated
 * browser has too. It runs in a page, so it must be self-contained.
 */
export function namesIn(existing: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  const common = new Set(
    [Object.prototype, Function.prototype].flatMap((each) => Object.getOwnPropertyNames(each))
  )
  const add = (owner: string, object: object) => {
    const names = new Set<string>()
    for (let each: object | null = object; each; each = Object.getPrototypeOf(each) as object | null) {
      if (each === Object.prototype || each === Function.prototype) break
      for (const name of Object.getOwnPropertyNames(each)) names.add(name)
    }
    found[owner] = [...names]
      .filter((name) => !common.has(name))
      .sort()
      .join(' ')
  }
  for (const name of existing) {
    const value = (globalThis as Record<string, unknown>)[name]
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === globalThis)
      continue
    add(name, value)
    if (typeof value === 'function' && value.prototype) add(`${name}.prototype`, value.prototype as object)
  }
  // Only the headless shell does not have `chrome`.
  found.window = [...new Set([...Object.getOwnPropertyNames(globalThis), 'chrome'])].sort().join(' ')
  const window = Object.getPrototypeOf(globalThis) as object
  for (
    let each: object | null = window;
    each && each !== Object.prototype;
    each = Object.getPrototypeOf(each) as object | null
  )
    found.window += ` ${Object.getOwnPropertyNames(each)
      .filter((name) => !common.has(name))
      .join(' ')}`
  return Object.fromEntries(Object.entries(found).filter(([, names]) => names !== ''))
}

/** `performance` in virtual time, with the user's marks and measures. */
import { DOMException } from './dom-exception'
import { EPOCH } from '../engine/virtual-time'

interface Entry {
  name: string
  entryType: 'mark' | 'measure'
  startTime: number
  duration: number
  detail: unknown
}
type Instant = string | number | undefined
type MeasureOptions = { start?: Instant; end?: Instant; duration?: number; detail?: unknown }

export function performanceOf(now: () => number, refuse: (name: string) => never): object {
  let entries: Entry[] = []
  const add = (entry: Entry) => {
    // Entries are in order of their start, as in browsers.
    const at = entries.findLastIndex(({ startTime }) => startTime <= entry.startTime)
    entries.splice(at + 1, 0, entry)
    return entry
  }
  const instant = (given: Instant, otherwise: number): number => {
    if (typeof given !== 'string') return given ?? otherwise
    const mark = entries.findLast(({ name, entryType }) => name === given && entryType === 'mark')
    if (!mark) throw new DOMException(`The mark '${given}' does not exist.`, 'SyntaxError')
    return mark.startTime
  }
  const forget = (type: Entry['entryType']) => (name?: string) => {
    entries = entries.filter((each) => each.entryType !== type || (name !== undefined && each.name !== name))
  }
  return {
    timeOrigin: EPOCH,
    now,
    mark: (
      name: string,
      { startTime = now(), detail = null }: { startTime?: number; detail?: unknown } = {}
    ) => add({ name, entryType: 'mark', startTime, duration: 0, detail }),
    measure: (name: string, from?: string | MeasureOptions, to?: string) => {
      const options: MeasureOptions = typeof from === 'object' ? from : { start: from, end: to }
      const { start, end, duration, detail = null } = options
      const until =
        end === undefined && start !== undefined && duration !== undefined
          ? instant(start, 0) + duration
          : instant(end, now())
      const since = start === undefined && duration !== undefined ? until - duration : instant(start, 0)
      return add({ name, entryType: 'measure', startTime: since, duration: until - since, detail })
    },
    clearMarks: forget('mark'),
    clearMeasures: forget('measure'),
    clearResourceTimings: () => undefined,
    getEntriesByType: (type: string) => {
      if (type !== 'mark' && type !== 'measure') refuse(`performance.getEntriesByType("${type}")`)
      return entries.filter(({ entryType }) => entryType === type)
    },
    getEntriesByName: (name: string, type?: string) =>
      entries.filter((each) => each.name === name && (type === undefined || each.entryType === type)),
    toJSON: () => ({ timeOrigin: EPOCH })
  }
}

/** `Date` and `Intl` with virtual time. */
import { EPOCH } from '../engine/virtual-time'

/** `now`: virtual ms. The time zone is that of the process: UTC. */
export function calendarOf(now: () => number): { Date: DateConstructor } {
  const { prototype } = Date
  const VirtualDate = virtualDateOf(now)
  Object.defineProperty(prototype, 'constructor', { value: VirtualDate })
  formatPresent(() => VirtualDate.now())
  return { Date: VirtualDate }
}

export function virtualDateOf(now: () => number): DateConstructor {
  const RealDate = Date
  const present = () => EPOCH + Math.floor(now())
  /** Like the real one, it can be called without `new`, and gives a text then. */
  function VirtualDate(this: unknown, ...args: unknown[]): unknown {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it is, without `new`
    if (new.target === undefined) return new RealDate(present()).toString()
    return Reflect.construct(RealDate, args.length === 0 ? [present()] : args, new.target)
  }
  Object.defineProperties(VirtualDate, {
    name: { value: 'Date' },
    length: { value: 7 },
    prototype: { value: RealDate.prototype, writable: false },
    now: { value: present, writable: true, configurable: true },
    parse: { value: RealDate.parse, writable: true, configurable: true },
    UTC: { value: RealDate.UTC, writable: true, configurable: true }
  })
  return VirtualDate as unknown as DateConstructor
}

/** A format without a date shows the present. */
function formatPresent(present: () => number): void {
  const { prototype } = Intl.DateTimeFormat
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the format as its `this`
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')!.get!
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the format as its `this`
  const formatToParts = prototype.formatToParts
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const formatDate = format.call(this) as (date: Date | number) => string
      return (date?: Date | number) => formatDate(date ?? present())
    }
  })
  prototype.formatToParts = function (this: Intl.DateTimeFormat, date?: Date | number) {
    return formatToParts.call(this, date ?? present())
  }
}

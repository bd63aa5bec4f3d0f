interface Members<Inner> {
  attributes?: readonly (keyof Inner)[]
  writable?: readonly (keyof Inner)[]
  methods?: readonly (keyof Inner)[]
}

/**
 * Gives a class of the page members that read, set and call those of an object behind each of its instances:
 * the page sees nothing else of it, and may set fields of any name. `within` runs each access.
 */
export function delegate<Face extends object, Inner extends object>(
  prototype: Face,
  innerOf: (face: Face) => Inner,
  { attributes = [], writable = [], methods = [] }: Members<Inner>,
  within: (access: () => unknown) => unknown = (access) => access()
): void {
  for (const name of [...attributes, ...writable])
    Object.defineProperty(prototype, name, {
      ...{ configurable: true, enumerable: true },
      get(this: Face) {
        return innerOf(this)[name]
      },
      ...(writable.includes(name) && {
        set(this: Face, value: Inner[typeof name]) {
          within(() => (innerOf(this)[name] = value))
        }
      })
    })
  for (const name of methods)
    Object.defineProperty(prototype, name, {
      ...{ configurable: true, enumerable: true, writable: true },
      value(this: Face, ...given: unknown[]) {
        const inner = innerOf(this)
        return within(() => Reflect.apply(Reflect.get(inner, name) as () => unknown, inner, given))
      }
    })
}

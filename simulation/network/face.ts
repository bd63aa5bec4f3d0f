/** Names, separated by spaces. */
type Members = Partial<Record<'attributes' | 'writable' | 'methods', string>>

const namesIn = (text = ''): readonly string[] => text.match(/\w+/g) ?? []

/**
 * Gives a class of the page members that read, set and call those of an object behind each of its instances:
 * the page sees nothing else of it, and may set fields of any name. `within` runs each access, and
 * `innerOf` gets the arguments of a call.
 */
export function delegate<Face extends object>(
  prototype: Face,
  innerOf: (face: Face, given?: readonly unknown[]) => object,
  { attributes, writable, methods }: Members,
  within: (access: () => unknown) => unknown = (access) => access()
): void {
  for (const name of [...namesIn(attributes), ...namesIn(writable)])
    Object.defineProperty(prototype, name, {
      ...{ configurable: true, enumerable: true },
      get(this: Face) {
        return Reflect.get(innerOf(this), name) as unknown
      },
      ...(namesIn(writable).includes(name) && {
        set(this: Face, value: unknown) {
          within(() => Reflect.set(innerOf(this), name, value))
        }
      })
    })
  for (const name of namesIn(methods))
    Object.defineProperty(prototype, name, {
      ...{ configurable: true, enumerable: true, writable: true },
      value(this: Face, ...given: unknown[]) {
        const inner = innerOf(this, given)
        return within(() => Reflect.apply(Reflect.get(inner, name) as () => unknown, inner, given))
      }
    })
}

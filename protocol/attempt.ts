/** Undefined if it throws: what others have sent or written may be anything, and must stop nothing else. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

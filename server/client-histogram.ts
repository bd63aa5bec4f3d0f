/** Reads a client's histogram. The base64 has been validated; its content must stop nothing else. */
export function readClientHistogram<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Undefined if it throws: what others have sent or written may be anything, and must stop nothing else. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Without a file descriptor, nothing is known of a file: rethrows. */
export function unlessShort(error: unknown): undefined {
  if (['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
}

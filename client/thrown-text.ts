/** What a thrown value says: builds under test throw not only errors, and not every value has a text. */
export function thrownText(thrown: unknown): string {
  try {
    const message = (thrown as { message?: unknown } | null | undefined)?.message
    return typeof message === 'string' ? message : String(thrown)
  } catch {
    return 'something without a text was thrown'
  }
}

/** What a thrown value says: builds under test throw not only errors. */
export function thrownText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

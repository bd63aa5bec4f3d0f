/** An answer that is the caller's to mend: thrown anywhere below a route, it becomes `{error, message, field}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly status: number,
    /** Stable, for programs. */
    readonly code: string,
    /** One line for people, which names the fix. */
    message: string,
    readonly field?: string
  ) {
    super(message)
  }
}

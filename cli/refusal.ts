/** An error that the caller of a server can fix: it becomes the answer to the request. */
export class Refusal extends Error {
  override readonly name = 'Refusal'

  /** `code`: stable, for programs. `message`: one line for people, which names the fix. */
  constructor(
    readonly status: number,
    readonly code: string,
    message = code,
    readonly field?: string,
    options?: ErrorOptions
  ) {
    super(message, options)
  }
}

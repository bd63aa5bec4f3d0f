/**
 * An error that the caller can fix. Wherever a route throws it, it becomes the response `{error, message,
 * field}`.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly status: number,
    /** Stable code for programs. */
    readonly code: string,
    /** One line for people. Names the fix. */
    message: string,
    readonly field?: string,
    options?: ErrorOptions
  ) {
    super(message, options)
  }
}

/** Whether it is an error of a file system without room. */
export const isDiskFull = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')

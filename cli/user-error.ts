/** An error that the user can fix: its message is all they need to see, without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

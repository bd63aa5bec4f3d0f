/** An error that the user can mend: its message is all they need to see, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

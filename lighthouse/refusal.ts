/** A request that cannot be granted, with the answer that peers know. */
export class Refusal extends Error {
  /**
   * @param code HTTP status code
   * @param status the word by which the libraries' protocol names the reason
   */
  constructor(
    readonly code: 400 | 401 | 404,
    readonly status: string,
    message = status
  ) {
    super(message)
  }
}

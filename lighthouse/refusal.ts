/** A request that cannot be granted, with an answer that peers understand. */
export class Refusal extends Error {
  /**
   * @param code HTTP status code
   * @param status the word that the libraries' protocol uses for the reason
   */
  constructor(
    readonly code: 400 | 401 | 403 | 404 | 429,
    readonly status: string,
    message = status
  ) {
    super(message)
  }
}

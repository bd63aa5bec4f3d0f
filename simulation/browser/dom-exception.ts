/** DOMException: https://webidl.spec.whatwg.org/#idl-DOMException */
const CODES: Readonly<Record<string, number>> = {
  SyntaxError: 12,
  InvalidStateError: 11,
  InvalidAccessError: 15,
  NetworkError: 19,
  AbortError: 20,
  TimeoutError: 23,
  DataCloneError: 25
}

export class DOMException extends Error {
  readonly code: number

  constructor(message = '', name = 'Error') {
    super(message)
    Object.defineProperty(this, 'name', { value: name, configurable: true })
    this.code = CODES[name] ?? 0
  }
}

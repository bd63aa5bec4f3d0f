import { UserError } from './user-error'

/** Says in one line why a server cannot listen and what to change, or `otherwise` and the system's words. */
export function listenError(error: unknown, host: string, port: number, otherwise: string): UserError {
  const { code, message } = error as NodeJS.ErrnoException
  return new UserError(listenTrouble(code, host, port) ?? `${otherwise}: ${message}`, { cause: error })
}

/** Undefined if it is not the port or the host. */
function listenTrouble(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: choose another, for example PORT=${port + 1}`
    case 'EACCES':
      return `Not allowed to listen on port ${port}: set PORT to one above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST=${host} is not an address of this machine: use 127.0.0.1 for this machine alone, 0.0.0.0 for all networks`
    default:
      return undefined
  }
}

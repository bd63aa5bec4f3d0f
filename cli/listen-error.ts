import { UserError } from './user-error'

/** What keeps a port from being listened on; undefined if it is something else. */
export function portTrouble(code: string | undefined, port: number): string | undefined {
  if (code === 'EADDRINUSE') return `Port ${port} is in use`
  return code === 'EACCES' ? `Not allowed to listen on port ${port}` : undefined
}

/** Says in one line why a server cannot listen and what to change, or `otherwise` and the system's words. */
export function listenError(error: unknown, host: string, port: number, otherwise: string): UserError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const trouble = portTrouble(code, port)
  const other = port === 65_535 ? port - 1 : port + 1
  const fix = code === 'EACCES' ? 'set PORT to one above 1023' : `choose another, for example PORT=${other}`
  if (trouble !== undefined) return new UserError(`${trouble}: ${fix}`, { cause: error })
  const advice = 'use 127.0.0.1 for this machine alone, 0.0.0.0 for all networks'
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return new UserError(`HOST=${host} is not an address of this machine: ${advice}`, { cause: error })
  return new UserError(`${otherwise}: ${message}`, { cause: error })
}

/** Why a server cannot listen and what to change, in one line; undefined if it is not its port or host. */
export function listenTrouble(code: string | undefined, host: string, port: number): string | undefined {
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

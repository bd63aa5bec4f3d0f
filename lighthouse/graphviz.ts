import type { Peer } from './peers'

/**
 * The mesh as a directed graph in the DOT language. An edge that only one of its ends reports appears as
 * one-way.
 */
export function asGraphviz(name: string, peers: Peer[]): string {
  const nodes = peers.map(({ id }) => `  ${quote(id)}`)
  const edges = peers.flatMap(({ id, connectedPeerIds }) =>
    connectedPeerIds.map((other) => `  ${quote(id)} -> ${quote(other)}`)
  )
  return [`strict digraph ${quote(name)} {`, ...nodes, ...edges, '}', ''].join('\n')
}

/**
 * In a quoted DOT string, quotes need escaping, and so do backslashes, which would escape the quote after
 * them.
 */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** What runs a test's runners on other machines, by that engine's own tools. */
import { createHash } from 'node:crypto'

/** A machine, or a container's host, that takes one runner of each test. */
export interface Node {
  name: string
  /** Cores that a runner may use. */
  cores: number
  /** Undefined if only the runner can tell. */
  cpuModel?: string | undefined
}

export interface Job {
  node: string
  /** The runner's variables, tokens among them: they must reach no command line. */
  variables: Readonly<Record<string, string>>
  /** Most cores that it may use; undefined: all. */
  cores?: number | undefined
  /** Which part of the node's cores, if runners of several tests share it: from `slot × cores` on. */
  slot: number
}

export interface Exit {
  node: string
  /** The runner's own; null if it did not say. */
  code: number | null
  /** Why the runner or its node was lost, if the runner itself did not end. */
  lost?: string | undefined
}

export interface Runners {
  /** Resolves once the runner of the node has ended, for each in the order of the jobs; never rejects. */
  exits: readonly Promise<Exit>[]
  /** The last lines that the runner of a node has printed. */
  logs(node: string): Promise<string>
  /** Ends all that still runs, and removes what is left of it. Nodes that do not answer are skipped. */
  stop(): Promise<void>
}

/** Servers in the engine's own network, whose runners find the submit token by themselves. */
export interface OwnServers {
  /** Where this process reaches the results server. */
  url: string
  token: string
  /** As the runners reach them. */
  resultsServerUrl: string
  lighthouseUrl: string
  close(): Promise<void>
}

export interface Engine {
  /** The nodes that the user has named; none if the engine knows them itself. */
  readonly named: readonly string[]
  /** What a results server and a Lighthouse on this machine must listen on, or the engine's own servers. */
  servers(): Promise<{ address: string } | OwnServers>
  /** The nodes that answer now. Throws UserError if one is not fit. */
  nodes(): Promise<Node[]>
  /** @param id of the test: no two have the same */
  start(id: string, jobs: readonly Job[]): Promise<Runners>
}

/** Names what an engine holds of a test as all of them take it. No two tests share a name. */
export const markOf = (id: string): string =>
  /^[a-z0-9]([-a-z0-9]{0,34}[a-z0-9])?$/.test(id)
    ? id
    : createHash('sha256').update(id).digest('hex').slice(0, 36)

/** The flags that say nothing where a cluster has its own servers: one Lighthouse for all tests, too. */
export const idleOn = (on = '') =>
  /^(kubernetes|aws)(:|$)/.test(on) ? (['address', 'resultsServerUrl', 'lighthouseUrl'] as const) : []

/** A container's program, and `peer-perf clients`: adds peers to a test on a results server. */
import { runSubcommand } from './cli/command'
import * as clients from './commands/clients'

runSubcommand(clients)

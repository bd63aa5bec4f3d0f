/** What a command line that bundles has, in one module: compiled apart, each would have a UserError of its own. */
export { runSubcommand } from '../command'
export { build } from '../esbuild'

/** For a command line that bundles: compiled apart, each would have a UserError of its own. */
export { runSubcommand } from '../command'
export { build } from '../esbuild'
export { temporaryFolder } from '../temporary-folder'

/**
 * A start that cannot succeed. Its message is one line that names the fix. Users see it without a stack
 * trace.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Another server uses the results folder. */
export class FolderInUseError extends StartError {}

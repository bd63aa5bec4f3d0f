import { UserError } from '../../cli/user-error'

/** Another server uses the results folder. */
export class FolderInUseError extends UserError {}

import { Dialog } from './dialog'
import { ErrorText } from './trouble'

export interface TokenQuestion {
  /** The server refused the last one. */
  wrong: boolean
  answer: (token: string | undefined) => void
}

/** Asks for a token. Closed without one, the page shows the server's error and offers to ask again. */
export function TokenDialog({ wrong, answer }: TokenQuestion) {
  return (
    <Dialog
      title="This server asks for a token"
      action="Continue"
      onSubmit={(form) => answer(form.get('token') as string)}
      onClose={() => answer(undefined)}
    >
      <ErrorText text={wrong ? 'The server refused this token.' : undefined} />
      <label>
        Token
        <input name="token" type="password" autocomplete="off" required autofocus />
        <span class="hint">
          RESULTS_SERVER_TOKEN of the server, or RESULTS_SERVER_READ_TOKEN to look only. The page keeps it
          until it is closed.
        </span>
      </label>
    </Dialog>
  )
}

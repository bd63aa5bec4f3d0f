import { Dialog } from './dialog'
import { ErrorText } from './trouble'

export interface TokenQuestion {
  /** A token was given, and the server refused it. */
  wrong: boolean
  answer: (token: string | undefined) => void
}

/** Asks for a token. Closed without one, the page shows the server's error and offers to ask again. */
export function TokenDialog({ question, onDone }: { question: TokenQuestion; onDone: () => void }) {
  const finish = (answer: string | undefined) => {
    onDone()
    question.answer(answer)
  }
  return (
    <Dialog
      title="This server asks for a token"
      action="Continue"
      onSubmit={(form) => finish(form.get('token') as string)}
      onClose={() => finish(undefined)}
    >
      <ErrorText text={question.wrong ? 'The server refused this token.' : undefined} />
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

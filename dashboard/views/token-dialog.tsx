import { useState } from 'preact/hooks'
import { Dialog } from './dialog'
import { ErrorText } from './trouble'

export interface TokenQuestion {
  /** A token was given, and the server refused it. */
  wrong: boolean
  answer: (token: string | undefined) => void
}

/**
 * Asks for a token. Escape closes it without one; the page then shows the server's error and offers
 * to ask again.
 */
export function TokenDialog({ question, onDone }: { question: TokenQuestion; onDone: () => void }) {
  const [token, setToken] = useState('')
  const finish = (answer: string | undefined) => {
    onDone()
    question.answer(answer)
  }
  return (
    <Dialog title="This server asks for a token" onClose={() => finish(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          finish(token)
        }}
      >
        <ErrorText text={question.wrong ? 'The server refused this token.' : undefined} />
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <span class="hint">
            RESULTS_SERVER_TOKEN of the server, or RESULTS_SERVER_READ_TOKEN to look only. The page keeps it
            until it is closed.
          </span>
        </label>
        <div class="buttons">
          <button type="submit" class="primary">
            Continue
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** Says what went wrong with the server, with a button to try again. */
interface TroubleProps {
  /** If undefined, nothing is shown. */
  text: string | undefined
  onRetry: () => void
}

export function Trouble({ text, onRetry }: TroubleProps) {
  if (text === undefined) return null
  return (
    <p class="banner" role="alert">
      {text}{' '}
      <button type="button" class="quiet" onClick={onRetry}>
        Try again
      </button>
    </p>
  )
}

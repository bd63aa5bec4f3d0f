/** What went wrong with the server, and a way out. */
interface TroubleProps {
  /** Nothing is shown without one. */
  text: string | undefined
  onRetry: () => Promise<void>
}

export function Trouble({ text, onRetry }: TroubleProps) {
  if (text === undefined) return null
  return (
    <p class="banner" role="alert">
      {text}{' '}
      <button type="button" class="quiet" onClick={() => void onRetry()}>
        Try again
      </button>
    </p>
  )
}

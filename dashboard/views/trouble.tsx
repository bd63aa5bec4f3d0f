import type { ComponentChildren } from 'preact'

interface TroubleProps {
  /** If undefined, nothing is shown. */
  text: string | undefined
  onRetry: () => void
  /** What else to do about it. */
  children?: ComponentChildren
}

/** Says what went wrong with the server, with a button to try again. */
export function Trouble({ text, onRetry, children }: TroubleProps) {
  if (text === undefined) return null
  return (
    <p class="banner" role="alert">
      {text}{' '}
      <button type="button" class="quiet" onClick={onRetry}>
        Try again
      </button>{' '}
      {children}
    </p>
  )
}

/** Why a form or button failed. If undefined, nothing is shown. */
export function ErrorText({ text }: { text: string | undefined }) {
  if (text === undefined) return null
  return (
    <p class="error" role="alert">
      {text}
    </p>
  )
}

/** What pages share: quiet buttons, and what they show while something loads or if it failed. */
import type { ComponentChildren, JSX } from 'preact'

export function Quiet(props: JSX.IntrinsicElements['button']) {
  return <button type="button" class="quiet" {...props} />
}

interface LoadingProps {
  isDone: boolean
  trouble: string | undefined
  onRetry?: () => void
  /** What else to do about it. */
  children?: ComponentChildren
}

/** Stands in for what the server has not sent yet; of trouble, it offers to try again. */
export function Loading({ isDone, trouble, onRetry, children }: LoadingProps) {
  if (trouble === undefined) return isDone ? null : <p class="empty">Loading…</p>
  return (
    <p class="banner" role="alert">
      {trouble} {onRetry && <Quiet onClick={onRetry}>Try again</Quiet>} {children}
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

/** Shows the next rows of a long list. */
interface ShowMoreProps {
  shown: number
  of: number
  /** Rows that one press adds. */
  page: number
  onShow: (shown: number) => void
}

export function ShowMore({ shown, of, page, onShow }: ShowMoreProps) {
  if (shown >= of) return null
  return (
    <button type="button" class="quiet" onClick={() => onShow(shown + page)}>
      Show {Math.min(page, of - shown)} more of {of}
    </button>
  )
}

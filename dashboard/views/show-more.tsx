/** Rows shown at first, and added by each press: each may need a summary from the server. */
export const PAGE = 50

/** Shows the next rows of a long list. */
interface ShowMoreProps {
  shown: number
  of: number
  onShow: (shown: number) => void
}

export function ShowMore({ shown, of, onShow }: ShowMoreProps) {
  if (shown >= of) return null
  return (
    <button type="button" class="quiet" onClick={() => onShow(shown + PAGE)}>
      Show {Math.min(PAGE, of - shown)} more of {of}
    </button>
  )
}

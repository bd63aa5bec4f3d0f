import { useState } from 'preact/hooks'

/** Rows shown at first, and added by each press: each may need a summary from the server. */
const PAGE = 50

/** The rows of a long list that are shown, and the button that shows the next ones. */
export function useShown<Item>(items: readonly Item[] = []) {
  const [most, setMost] = useState(PAGE)
  const more = most < items.length && (
    <button type="button" class="quiet" onClick={() => setMost(most + PAGE)}>
      Show {Math.min(PAGE, items.length - most)} more of {items.length}
    </button>
  )
  return { shown: items.slice(0, most), more }
}

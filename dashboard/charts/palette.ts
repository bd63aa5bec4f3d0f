/** Reads colours from the style sheet, so that charts on a canvas follow the page's theme. */
export type ColourName =
  | 'text'
  | 'muted'
  | 'line'
  | 'link'
  | 'surface'
  | 'accent'
  | 'one'
  | 'two'
  | 'three'
  | 'four'
  | 'five'
  | 'six'
  | 'bad'
  | 'whole'

/**
 * For series without a meaning of their own, such as runners. Colour-blind readers can distinguish them too
 * (after Okabe and Ito).
 */
export const SERIES_COLOURS: readonly ColourName[] = ['one', 'two', 'three', 'four', 'five', 'six']

export function colour(name: ColourName): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The colour of the n-th series, component or runner. */
export function seriesColour(n: number): ColourName {
  return SERIES_COLOURS[n % SERIES_COLOURS.length]!
}

/** A shade of the accent colour, from pale (0) to full (1), for loads and heat maps. */
export function shade(share: number): string {
  const percent = Math.round(15 + 85 * Math.min(1, Math.max(0, share)))
  return `color-mix(in oklab, ${colour('accent')} ${percent}%, ${colour('surface')})`
}

const darkness = () => matchMedia('(prefers-color-scheme: dark)')

/** Calls back whenever the theme changes. Returns a function that unsubscribes. */
export function onThemeChange(callback: () => void): () => void {
  const query = darkness()
  query.addEventListener('change', callback)
  return () => query.removeEventListener('change', callback)
}

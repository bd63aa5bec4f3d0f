/** Reads colours from the style sheet, so that charts on a canvas follow the page's theme. */
import { useEffect, useState } from 'preact/hooks'

/**
 * For series without a meaning of their own, such as runners. Colour-blind readers can distinguish them too
 * (after Okabe and Ito).
 */
const SERIES_COLOURS = ['one', 'two', 'three', 'four', 'five', 'six'] as const

type MeaningfulName = 'text' | 'muted' | 'line' | 'link' | 'surface' | 'accent' | 'bad' | 'whole'
export type ColourName = MeaningfulName | (typeof SERIES_COLOURS)[number]

export function colour(name: ColourName): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The colour of the n-th series, component or runner. */
export function seriesColour(n: number): ColourName {
  return SERIES_COLOURS[n % SERIES_COLOURS.length]!
}

/** A shade of the accent colour, from pale (0) to full (1). */
export function shade(share: number): string {
  return `color-mix(in oklab, ${colour('accent')} ${15 + 85 * share}%, ${colour('surface')})`
}

/** Calls back whenever the theme changes. Returns a function that unsubscribes. */
export function onThemeChange(callback: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', callback)
  return () => query.removeEventListener('change', callback)
}

/** A number that differs after each change of the theme. */
export function useTheme(): number {
  const [theme, setTheme] = useState(0)
  useEffect(() => onThemeChange(() => setTheme((before) => before + 1)), [])
  return theme
}

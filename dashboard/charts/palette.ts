/** Reads colours from the style sheet, so that charts on a canvas follow the page's theme. */
import { useEffect, useState } from 'preact/hooks'

/**
 * For series without a meaning of their own, such as runners. Colour-blind readers can distinguish them too
 * (after Okabe and Ito).
 */
const SERIES_COLOURS = ['one', 'two', 'three', 'four', 'five', 'six'] as const
export type SeriesColour = (typeof SERIES_COLOURS)[number]

export function colour(name: SeriesColour | 'muted' | 'line' | 'bad' | 'whole'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The colour of the n-th series, component or runner. */
export function seriesColour(n: number): SeriesColour {
  return SERIES_COLOURS[n % SERIES_COLOURS.length]!
}

/** A number that differs after each change of the theme. */
export function useTheme(): number {
  const [theme, setTheme] = useState(0)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const onChange = () => setTheme((before) => before + 1)
    query.addEventListener('change', onChange)
    return () => query.removeEventListener('change', onChange)
  }, [])
  return theme
}

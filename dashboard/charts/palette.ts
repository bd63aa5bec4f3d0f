/** Reads colours from the style sheet, so that charts on a canvas follow the page's theme. */
import { useEffect, useState } from 'preact/hooks'

/** For series without a meaning of their own, distinct for colour-blind readers too (after Okabe and Ito). */
export const SERIES_COLOURS = ['one', 'two', 'three', 'four', 'five', 'six'] as const

export type ColourName = 'muted' | 'line' | 'bad' | 'whole' | (typeof SERIES_COLOURS)[number]

export function colour(name: ColourName): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
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

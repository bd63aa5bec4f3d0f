/** Which view to show. The route is the part after #, so the server needs to serve only one page. */
import { useEffect, useState } from 'preact/hooks'
import { picksOf } from './model/picks'

export function parseRoute(hash: string) {
  const path = hash.replace(/^#/, '')
  if (path === '' || path === '/') return { view: 'tests' } as const
  const [view, query] = path.split('?')
  if (view === '/compare') return { view: 'compare', picks: picksOf(query ?? '') } as const
  if (path === '/comparisons') return { view: 'comparisons' } as const
  const [, thing, id] = /^\/(test|comparison)\/([A-Za-z0-9_-]{1,64})$/.exec(path) ?? []
  return id === undefined ? ({ view: 'unknown' } as const) : { view: thing as 'test' | 'comparison', id }
}

export type Route = ReturnType<typeof parseRoute>

export const comparisonHref = (id: string) => `#/comparison/${encodeURIComponent(id)}`
export const testHref = (id: string) => `#/test/${encodeURIComponent(id)}`

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const onChange = () => setHash(location.hash)
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return parseRoute(hash)
}

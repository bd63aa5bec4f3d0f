/** Which view to show. The route is the part after #, so the server needs to serve only one page. */
import { useEffect, useState } from 'preact/hooks'
import { picksOf, type Picks } from './model/picks'

export type Route =
  | { view: 'tests' | 'comparisons' | 'unknown' }
  | { view: 'test' | 'comparison'; id: string }
  | { view: 'compare'; picks: Picks }

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, '')
  if (path === '' || path === '/') return { view: 'tests' }
  const [view, query] = path.split('?')
  if (view === '/compare') return { view: 'compare', picks: picksOf(query ?? '') }
  if (path === '/comparisons') return { view: 'comparisons' }
  const [, thing, id] = /^\/(test|comparison)\/([A-Za-z0-9_-]{1,64})$/.exec(path) ?? []
  return id === undefined ? { view: 'unknown' } : { view: thing as 'test' | 'comparison', id }
}

export const comparisonHref = (id: string) => `#/comparison/${id}`
export const testHref = (id: string) => `#/test/${id}`

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const onChange = () => setHash(location.hash)
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return parseRoute(hash)
}

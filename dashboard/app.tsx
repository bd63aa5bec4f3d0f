import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useRoute } from './router'
import { Session } from './session'
import { ComparePage } from './views/compare-page'
import { ComparisonPage, ComparisonsPage } from './views/comparisons-page'
import { TokenDialog, type TokenQuestion } from './views/dialogs'
import { useTitle } from './views/hooks'
import { TestPage } from './views/test-page'
import { TestsPage } from './views/tests-page'

const PAGES = [
  { view: 'tests', href: '#/', name: 'Tests' },
  { view: 'compare', href: '#/compare', name: 'Compare' },
  { view: 'comparisons', href: '#/comparisons', name: 'Comparisons' }
]

/** @param token the server's token, if the page's address carried one */
export function App({ token }: { token: string | undefined }) {
  const route = useRoute()
  const [question, setQuestion] = useState<TokenQuestion>()
  const main = useRef<HTMLElement>(null)
  const session = useMemo(() => {
    const ask = async (wrong: boolean) => {
      const given = await new Promise<string | undefined>((answer) => setQuestion({ wrong, answer }))
      setQuestion(undefined)
      return given
    }
    return new Session(location.origin, token, ask)
  }, [])
  // The link that was followed is gone, and with it the focus.
  useEffect(() => () => main.current?.focus(), [route.view, 'id' in route && route.id])

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          <Mark /> Catalyst peer performance
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ view, href, name }) => (
            <a key={view} href={href} aria-current={route.view === view ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {route.view === 'tests' && <TestsPage session={session} />}
        {route.view === 'test' && <TestPage key={route.id} id={route.id} session={session} />}
        {route.view === 'compare' && <ComparePage picks={route.picks} session={session} />}
        {route.view === 'comparison' && <ComparisonPage key={route.id} id={route.id} session={session} />}
        {route.view === 'comparisons' && <ComparisonsPage session={session} />}
        {route.view === 'unknown' && <UnknownPage />}
      </main>
      {question && <TokenDialog {...question} />}
    </>
  )
}

function UnknownPage() {
  useTitle('No such page')
  return (
    <p class="empty">
      There is no such page. <a href="#/">All tests</a>
    </p>
  )
}

function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M4 5 16 4 15 16 5 15ZM4 5 15 16M16 4 5 15" />
      <circle cx="4" cy="5" r="2.2" />
      <circle cx="16" cy="4" r="2.2" />
      <circle cx="15" cy="16" r="2.2" />
      <circle cx="5" cy="15" r="2.2" />
    </svg>
  )
}

/** Single-file pages that make no network requests. */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { STYLE } from '../pictures/style'

const PAGE = `${STYLE}
body { margin: 0 }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 64px }
h1 { font-size: 1.5rem; margin: 0 0 4px; overflow-wrap: anywhere }
.whole { white-space: nowrap }
.section { margin: 12px 0 }
`

/** Follows the reader's theme. @param scripts the part of the page's policy that allows scripts */
export function renderPage(title: string, body: ComponentChildren, { style = PAGE, scripts = '' } = {}) {
  const policy = `default-src 'none'; ${scripts}style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>{body}</body>
    </html>
  )
  return `<!doctype html>${renderToString(page)}\n`
}

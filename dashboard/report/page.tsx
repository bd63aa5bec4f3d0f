/** Single-file pages for comparisons and histories, without scripts or network requests. */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { STYLE } from '../pictures/style'

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** A complete page that follows the reader's light or dark theme. */
export function renderPage(title: string, body: ComponentChildren): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>{body}</main>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(page)}\n`
}

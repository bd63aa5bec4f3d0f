import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { modelOf } from '../../testing/model-of'
import { Header } from './header'

it('The heading of a test gives its warm-up and duration as they were chosen', async () => {
  const document = { ...fakeDocument({ peers: 2, duration: 8 }), duration: 7.5, warmup: 0.4 }
  const model = await modelOf(document)
  const page = renderToString(h(Header, { model, actions: undefined }))
  assert.match(page, /<dt>Planned<\/dt><dd>7\.5 s<\/dd>.*<dt>Warm-up<\/dt><dd>0\.4 s<\/dd>/)
})

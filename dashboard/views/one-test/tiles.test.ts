import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { loadDocument } from '../../model/load'
import { momentOf } from '../../model/moment'
import { TestModel } from '../../model/test-model'
import { Tiles } from './tiles'

for (const duration of [8, 20])
  it(`a replay of a test of ${duration} s says of how many seconds it shows the third`, async () => {
    const model = new TestModel()
    const document = fakeDocument({ peers: 2, duration })
    await loadDocument(model, new Blob([JSON.stringify(document)]).stream())
    const moment = momentOf(model, document.startsAt! + 3000)!
    assert.match(renderToString(h(Tiles, { moment })), new RegExp(`<b>3 s</b><span>of ${duration} s</span>`))
  })

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { momentOf } from '../../model/moment'
import { modelOf } from '../../testing/model-of'
import { OverTime } from './over-time'

for (const { until, latest } of [
  { until: 20, latest: 'busiest 25%, mean of 13 25%' },
  { until: 10, latest: 'busiest –, mean of 13 –' }
])
  it(`The chart of many runners' CPU ends with ${latest} if their samples end after ${until} s`, async () => {
    const document = fakeDocument({ peers: 13, runners: 13, duration: 20, cpuUsage: 0.25 })
    const runnerSamples = document.runnerSamples.filter(
      ({ timestamp }) => timestamp <= document.startsAt! + until * 1000
    )
    const model = await modelOf({ ...document, runnerSamples })
    const page = renderToString(
      h(OverTime, { moment: momentOf(model)!, kind: 'all', onKind: () => undefined })
    )
    assert.match(page, new RegExp(`aria-label="CPU by runner, [^"]* Latest: ${latest}[."]`))
  })

it('The words on shades are true in the dark theme, too, where more shade is lighter', async () => {
  const document = fakeDocument({ peers: 2, duration: 20, outages: [{ from: 8000, until: 9000 }] })
  const model = await modelOf(document)
  const page = renderToString(h(OverTime, { moment: momentOf(model)!, kind: 'all', onKind: () => undefined }))
  assert.match(page, /Shaded more: outages and partitions/)
})

it('Of a long test, delivery is told over as long as each bucket is, and a short warm-up is not 0 s', async () => {
  const rates = { position: 0.05, profile: 0, chat: 0 }
  const document = fakeDocument({ peers: 2, duration: 5000, warmup: 0.4, interval: 60, rates })
  const model = await modelOf(document)
  const page = renderToString(h(OverTime, { moment: momentOf(model)!, kind: 'all', onKind: () => undefined }))
  assert.match(page, /received ÷ owed, over 8 s; in all: position 100%/)
  assert.match(page, /Warm-up from 0 s to 0\.4 s"/)
})

it('draws no CPU where no runner tells it, as in virtual time', async () => {
  const document = { ...fakeDocument({ peers: 2, duration: 20 }), runners: [], runnerSamples: [] }
  const model = await modelOf(document)
  const page = renderToString(h(OverTime, { moment: momentOf(model)!, kind: 'all', onKind: () => undefined }))
  assert.match(page, /Tick lateness/)
  assert.doesNotMatch(page, /CPU by runner/)
})

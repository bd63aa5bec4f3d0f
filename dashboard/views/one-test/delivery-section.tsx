import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { percent, shortId } from '../../charts/format'
import { colour, useTheme } from '../../charts/palette'
import type { MessageKind } from '../../../protocol/names'
import { Defined, numberColumn, Table } from '../../pictures/parts'
import { deliveryMatrix, PEERS_SHOWN, worstPairs, type DeliveryMatrix } from '../../model/delivery-matrix'
import type { TestModel } from '../../model/test-model'

const PAIRS_LISTED = 5

export function DeliverySection({ model, kind }: { model: TestModel; kind: MessageKind }) {
  const matrix = useMemo(() => deliveryMatrix(model.finalResults, kind), [model.finalResults.size, kind])
  const worst = useMemo(() => worstPairs(matrix, PAIRS_LISTED), [matrix])
  return (
    <section aria-labelledby="delivery">
      <div class="heading">
        <h2 id="delivery">Delivery, pair by pair</h2>
      </div>
      {matrix.ids.length === 0 ? (
        <p class="empty">Who heard whom is known once the peers have submitted their results.</p>
      ) : (
        <div class="delivery">
          <HeatMap
            matrix={matrix}
            label={`Delivery of ${kind} messages from each of ${matrix.ids.length} peers to each other`}
          />
          {worst.length === 0 ? (
            <p class="hint">
              No {kind} message is known to have been {matrix.shares.every(Number.isNaN) ? 'owed' : 'lost'}.
            </p>
          ) : (
            <Table
              caption={`Least heard, ${kind}`}
              kind="plain"
              columns={[{ title: 'From → to' }, numberColumn('Heard')]}
              rows={worst.map(({ from, to, share }) => [
                <Defined name={`${shortId(from)} → ${shortId(to)}`} definition={`${from} → ${to}`} />,
                percent(share)
              ])}
            />
          )}
          {model.finalResults.size > PEERS_SHOWN && <p class="hint">The first {PEERS_SHOWN} peers.</p>}
        </div>
      )}
    </section>
  )
}

/** The share of lost messages at which the colour of loss is fully saturated. */
const FULL_LOSS = 0.2
const LOSS_STEPS = 20

/** A row per sender, a column per receiver; losses stand out. */
function HeatMap({ matrix, label }: { matrix: DeliveryMatrix; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  const [pointed, setPointed] = useState<string>()
  const { ids, shares } = matrix

  useLayoutEffect(() => paint(canvas.current!, matrix), [matrix, theme])

  return (
    <div class="heat-map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerMove={(event) => {
          const { clientWidth, clientHeight } = event.currentTarget
          const column = Math.floor((event.offsetX / clientWidth) * ids.length)
          const row = Math.floor((event.offsetY / clientHeight) * ids.length)
          const share = shares[row * ids.length + column] ?? NaN
          setPointed(Number.isNaN(share) ? undefined : `${ids[row]!} → ${ids[column]!}: ${percent(share)}`)
        }}
        onPointerLeave={() => setPointed(undefined)}
      />
      <p class="hint pointed">{pointed ?? 'Rows send, columns receive. Point at a cell for its peers.'}</p>
      <p class="hint" aria-hidden="true">
        all heard <span class="gradient" /> {percent(FULL_LOSS)} lost
      </p>
    </div>
  )
}

/** One canvas pixel per cell if there are many cells; the style sheet scales it without smoothing. */
function paint(canvas: HTMLCanvasElement, { ids, shares }: DeliveryMatrix): void {
  const cell = Math.max(1, Math.floor(480 / Math.max(1, ids.length)))
  const gap = cell > 6 ? 1 : 0
  canvas.width = canvas.height = Math.max(1, cell * ids.length)
  const context = canvas.getContext('2d')!
  const [whole, lost] = [colour('whole'), colour('bad')]
  const fills = Array.from({ length: LOSS_STEPS + 1 }, (_, step) =>
    step === 0 ? whole : `color-mix(in oklab, ${lost} ${15 + (85 * step) / LOSS_STEPS}%, ${whole})`
  )
  shares.forEach((share, at) => {
    if (Number.isNaN(share)) return
    const step = Math.ceil(((1 - share) / FULL_LOSS) * LOSS_STEPS)
    context.fillStyle = fills[Math.max(0, Math.min(LOSS_STEPS, step))]!
    const [row, column] = [Math.floor(at / ids.length), at % ids.length]
    context.fillRect(column * cell, row * cell, cell - gap, cell - gap)
  })
}

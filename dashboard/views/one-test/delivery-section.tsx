import { useMemo } from 'preact/hooks'
import { percent, shortId } from '../../charts/format'
import { HeatMap } from '../../charts/heat-map'
import type { MessageKind } from '../../../protocol/names'
import { Defined } from '../../pictures/parts'
import { deliveryMatrix, PEERS_SHOWN, worstPairs } from '../../model/delivery-matrix'
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
            <table class="plain">
              <caption>Least heard, {kind}</caption>
              <tbody>
                {worst.map(({ from, to, share }) => (
                  <tr key={`${from} ${to}`}>
                    <td>
                      <Defined name={`${shortId(from)} → ${shortId(to)}`} definition={`${from} → ${to}`} />
                    </td>
                    <td class="number">{percent(share)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {model.finalResults.size > PEERS_SHOWN && <p class="hint">The first {PEERS_SHOWN} peers.</p>}
        </div>
      )}
    </section>
  )
}

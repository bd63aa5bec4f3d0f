import { MESSAGE_KINDS } from '../../../protocol/names'
import type { KindChoice } from '../../model/series'

interface KindSelectProps {
  label: string
  kind: KindChoice
  onKind: (kind: KindChoice) => void
}

export function KindSelect({ label, kind, onKind }: KindSelectProps) {
  return (
    <label class="inline">
      {label}{' '}
      <select value={kind} onChange={(event) => onKind(event.currentTarget.value as KindChoice)}>
        {[...MESSAGE_KINDS, 'all'].map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  )
}

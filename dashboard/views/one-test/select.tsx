interface SelectProps<Value extends string> {
  label: string
  value: Value
  /** '' stands for none. */
  options: readonly Value[]
  onChange: (value: Value) => void
}

export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>) {
  return (
    <label class="inline">
      {label}{' '}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {option || 'none'}
          </option>
        ))}
      </select>
    </label>
  )
}

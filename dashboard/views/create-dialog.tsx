import type { ComponentChildren } from 'preact'
import type { CreateTest } from '../../protocol/test-life'
import { testHref } from '../router'
import type { Session } from '../session'
import { Dialog } from './dialog'

export function CreateDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const submit = async (form: FormData) => {
    const { id, test } = wishOf(form)
    const created = await session.call((client) => client.createTest(id, test))
    location.hash = testHref(created.id)
  }
  return (
    <Dialog title="New test" action="Create" onSubmit={submit} onClose={onClose}>
      <Field label="Name" hint="Letters, digits, _ and -. Leave it empty for a random one.">
        <input name="id" pattern="[A-Za-z0-9_\-]{1,64}" autocomplete="off" autofocus />
      </Field>
      <div class="fields">
        <Field label="Expected peers" hint="The test starts by itself once this many are ready.">
          <input name="expectedPeers" type="number" min="1" max="20000" />
        </Field>
        <Field label="Duration, s" hint="If empty, the clients decide.">
          <input name="duration" type="number" min="1" max="604800" step="any" />
        </Field>
        <Field label="Warm-up, s" hint="Excluded from the summary.">
          <input name="warmup" type="number" min="0" max="3600" step="any" placeholder="5" />
        </Field>
        <Field label="Seed" hint="Controls everything random.">
          <input name="seed" type="number" min="0" max="4294967295" />
        </Field>
      </div>
      <Field label="Labels" hint="One per line, for example branch=main.">
        <textarea name="labels" rows={2} />
      </Field>
      <Field label="Thresholds" hint="One per line, for example delivery.position>=0.99.">
        <textarea name="thresholds" rows={2} />
      </Field>
    </Dialog>
  )
}

function Field({ label, hint, children }: { label: string; hint: string; children: ComponentChildren }) {
  return (
    <label>
      {label}
      {children}
      <span class="hint">{hint}</span>
    </label>
  )
}

/** The test that the form describes. Only converts text to numbers and lists; the server validates it. */
function wishOf(form: FormData): { id: string | undefined; test: CreateTest } {
  const text = (name: string) => (form.get(name) as string).trim()
  const lines = (name: string) => text(name).split(/\s*\n\s*/).filter((line) => line !== '')
  const test: CreateTest = {
    labels: Object.fromEntries(lines('labels').map(labelOf)),
    thresholds: lines('thresholds')
  }
  for (const name of ['expectedPeers', 'duration', 'warmup', 'seed'] as const) {
    if (text(name) !== '') test[name] = Number(text(name))
  }
  return { id: text('id') || undefined, test }
}

function labelOf(line: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error(`Not a label: "${line}". Write name=value`)
  return [name.trim(), value.trim()]
}

/** The command that adds peers to a test, with every variable that a runner requires. */
import { optionsAt, textsFor, type SurfaceValues } from './surface'

/** Unknown required variables appear as `NAME=…`. */
export function runnerCommandLine(values: Partial<SurfaceValues<'runner'>>): string {
  const texts = textsFor('runner', values)
  const required = optionsAt('runner').filter((option) => option.required)
  return [...required.map(({ name }) => `${name}=${texts[name] ?? '…'}`), 'npm run clients'].join(' ')
}

/** The command that adds peers to a test, with every variable that a runner requires or that is given. */
import { optionsAt, textsFor, type SurfaceValues } from './surface'

/** Unknown required variables appear as `NAME=…`. */
export function runnerCommandLine(values: Partial<SurfaceValues<'runner'>>): string {
  const texts = textsFor('runner', values)
  const named = optionsAt('runner').filter(({ name, required }) => required || texts[name] !== undefined)
  return [...named.map(({ name }) => `${name}=${texts[name] ?? '…'}`), 'npm run clients'].join(' ')
}

/** What a terminal, or a job on GitHub, sets for programs, git or a language must not reach the tests. */
import { optionsAt } from '../../cli/surface'
import { program as server, INFLUX_URL_ALIAS } from '../../server/server'

const OF_PROGRAMS = new Set([
  ...optionsAt('runner').map(({ name }) => name),
  ...server.options.map(({ envVar }) => envVar),
  INFLUX_URL_ALIAS
])

const OF_TESTS = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  // The repository may belong to another user, which only the global settings could allow.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*'
}

export function isolate(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env))
    if (OF_PROGRAMS.has(name) || /^GIT(HUB)?_/.test(name)) Reflect.deleteProperty(env, name)
  Object.assign(env, OF_TESTS)
}

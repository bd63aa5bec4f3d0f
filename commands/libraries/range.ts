/** Several builds in few words: a list by commas, of which each may be a range `name@from..to` of published versions. */
import { UserError } from '../../runner/user-error'
import { publishedVersions } from './npm'

const RANGE = /^(.+)@([^@]+)\.\.([^@?]+)(\?.*)?$/

/** Each build once, in the order given and published. Throws UserError for an end that is not published. */
export async function expandBuilds(text: string, versionsOf = publishedVersions): Promise<string[]> {
  const parts = text.split(',').map((part) => part.trim())
  const builds = await Promise.all(
    parts.filter((part) => part !== '').map((part) => expand(part, versionsOf))
  )
  return [...new Set(builds.flat())]
}

async function expand(part: string, versionsOf: typeof publishedVersions): Promise<string[]> {
  const [, name, from, to, options = ''] = RANGE.exec(part) ?? []
  if (name === undefined || from === undefined || to === undefined) return [part]
  const versions = await versionsOf(name)
  const ends = [from, to].map((version) => {
    const index = versions.indexOf(version)
    if (index < 0)
      throw new UserError(`${name}@${version} is not published: there are ${versions.join(', ')}`)
    return index
  })
  if (ends[0]! > ends[1]!) throw new UserError(`"${part}" runs backwards: write ${name}@${to}..${from}`)
  return versions.slice(ends[0], ends[1]! + 1).map((version) => `${name}@${version}${options}`)
}

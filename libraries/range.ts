/** A list of builds, separated by commas. Each may be a range of published versions, `name@from..to`. */
import { UserError } from '../cli/user-error'
import { publishedVersions } from './npm'
import { expandAlias, PACKAGE_NAME } from './specification'

const RANGE = /^(.+)@([^@]+)\.\.([^@?]+)(\?.*)?$/

/** Each build once, in the order given or published. Throws UserError if an end of a range is unpublished. */
export async function expandBuilds(text: string, versionsOf = publishedVersions): Promise<string[]> {
  const parts = text.split(',').map((part) => part.trim())
  const builds = await Promise.all(
    parts.filter((part) => part !== '').map((part) => expand(part, versionsOf))
  )
  const all = builds.flat()
  const once = [...new Set(all)]
  if (once.length < all.length) console.log(`Each build runs once: ${once.join(', ')}`)
  return once
}

async function expand(part: string, versionsOf: typeof publishedVersions): Promise<string[]> {
  const [, name, from, to, options = ''] = RANGE.exec(expandAlias(part)) ?? []
  if (name === undefined || from === undefined || to === undefined) return [part]
  if (!PACKAGE_NAME.test(name))
    throw new UserError(`"${part}" names no package: write name@1.0.0..2.0.0, or @scope/name@1.0.0..2.0.0`)
  const versions = await versionsOf(name)
  const absent = [from, to].find((version) => !versions.includes(version))
  if (absent !== undefined)
    throw new UserError(`${name}@${absent} is not published. Published versions: ${versions.join(', ')}`)
  const range = versions.slice(versions.indexOf(from), versions.indexOf(to) + 1)
  if (range.length === 0) throw new UserError(`"${part}" runs backwards: write ${name}@${to}..${from}`)
  return range.map((version) => `${name}@${version}${options}`)
}

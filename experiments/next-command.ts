/** The command that decides an undecided comparison. */
import { quoted } from '../options/quoted'
import { DEFAULT_MAX_BLOCKS, MOST_BLOCKS, type Plan } from './plan'

/** Flags of the first call that the next one must not repeat. */
const REPLACED = ['--blocks', '--max-blocks', '--id', '--resume']

/** A fixed number of blocks has spent its whole level: it starts anew, with all flags of the first call. */
export function nextCommand({ id, command, blocks, isSequential = false, argv = [] }: Plan): string {
  const more = moreBlocks(blocks)
  if (isSequential) return `npx peer-perf ${command} --resume ${id} --max-blocks ${more}`
  const most = Math.max(DEFAULT_MAX_BLOCKS, more)
  const isReplaced = (text: string) => REPLACED.includes(text.split('=')[0]!)
  const kept = argv.filter((text, index) => !isReplaced(text) && !REPLACED.includes(argv[index - 1] ?? ''))
  return ['npx peer-perf', command, ...kept.map(quoted), `--max-blocks ${most}`].join(' ')
}

export const moreBlocks = (blocks: number) => Math.min(MOST_BLOCKS, Math.ceil((1.5 * blocks) / 2) * 2)

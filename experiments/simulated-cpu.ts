/** CPU of builds that exchange the same packets: nearly without noise, it tells what the libraries cost. */
import { median } from '../analysis/statistics/median'
import type { Outcome } from '../simulation/simulate'

export interface Cost extends Pick<Outcome, 'packetLog' | 'cpuMs'> {
  block: number
  variant: number
}

/** One line for each variant that is compared with the first. */
export function cpuSentences(costs: readonly Cost[], variants: readonly string[]): string[] {
  return variants.slice(1).map((name, index) => {
    const pairs = costs.flatMap((cost) => {
      const base = costs.find(({ variant, block }) => variant === 0 && block === cost.block)
      return base && cost.variant === index + 1 ? [{ base, cost }] : []
    })
    const ratios = pairs
      .filter(({ base, cost }) => base.packetLog === cost.packetLog)
      .map(({ base, cost }) => cost.cpuMs / base.cpuMs)
    if (ratios.length === 0)
      return `CPU of ${name}: not compared, because in none of ${pairs.length} pairs both builds sent the same packets`
    const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((each) =>
      each.toFixed(2)
    )
    return `CPU of ${name} against ${variants[0]!} at equal packets: × ${middle} (median of ${ratios.length} pairs, ${least} to ${most})`
  })
}

import { parseThreshold } from '../../analysis/thresholds'
import { Refusal } from '../refusal'

/** Throws Refusal 400 naming an invalid threshold, before a test runs for hours in vain. */
export function checkThresholds<T extends { thresholds: string[] }>(settings: T): T {
  for (const [index, text] of settings.thresholds.entries()) {
    try {
      parseThreshold(text)
    } catch (error) {
      const field = `thresholds[${index}]`
      throw new Refusal(400, 'bad-body', `${field}: ${(error as Error).message}`, field)
    }
  }
  return settings
}

/** `crypto`, whose numbers depend on the seed. */
import type { SeededRandom } from '../../protocol/random'
import { DOMException } from './dom-exception'

/** https://www.w3.org/TR/WebCryptoAPI/#Crypto-method-getRandomValues */
const MOST_BYTES = 65_536

export function cryptoOf(random: SeededRandom): object {
  return {
    getRandomValues: <T extends ArrayBufferView>(array: T): T => {
      if (!ArrayBuffer.isView(array)) throw new TypeError('The argument is no ArrayBufferView.')
      if (array.byteLength > MOST_BYTES)
        throw new DOMException(`More than ${MOST_BYTES} bytes are wanted.`, 'QuotaExceededError')
      return random.fill(array)
    },
    randomUUID: () => random.uuid()
  }
}

/** CRC-16/CCITT: finds each change of up to two bits or 16 in a row, and all but 1 in 65,536 others. */
const POLYNOMIAL = 0x1021

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 8
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 0x8000 ? (remainder << 1) ^ POLYNOMIAL : remainder << 1
  return remainder
})

/** Covers the sender's id and the first `length` bytes. */
export function checksum(sender: string, bytes: Uint8Array, length: number): number {
  let sum = 0xffff
  for (let i = 0; i < sender.length; i++) sum = next(sum, sender.charCodeAt(i) & 0xff)
  for (let i = 0; i < length; i++) sum = next(sum, bytes[i]!)
  return sum
}

const next = (sum: number, byte: number) => ((sum << 8) & 0xffff) ^ TABLE[(sum >>> 8) ^ byte]!

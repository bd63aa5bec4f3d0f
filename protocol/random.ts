/** Seeded random numbers: sfc32 (https://pracrand.sourceforge.net/RNG_engines.txt), passes PractRand. */

export class SeededRandom {
  private a = 0
  private b = 0
  private c = 0
  private counter = 1

  constructor(...seed: number[]) {
    for (const number of seed) {
      this.a = (this.a ^ number) | 0
      this.b = (this.b + number) | 0
      for (let i = 0; i < 12; i++) this.uint32()
    }
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    this.c |= 0
    return sum >>> 0
  }

  /** In [0, 1). */
  readonly number = (): number => this.uint32() / 2 ** 32

  /** An integer from 0 to `limit` − 1. */
  below(limit: number): number {
    return Math.floor(this.number() * limit)
  }

  /** Exponentially distributed, with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.number())
  }

  /** Normally distributed, with mean 0 and standard deviation 1 (Box–Muller). */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.number())
  }

  fill<T extends ArrayBufferView>(array: T): T {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32()
    return array
  }

  /** In the form of a version 4 UUID. */
  uuid(): string {
    const hex = Array.from(this.fill(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
      ''
    )
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}

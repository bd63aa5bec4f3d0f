/**
 * Copies packets next to each other into large buffers. An ArrayBuffer per packet would cost more than
 * everything else the simulation does with it. A buffer is freed when its last packet is.
 */
const SLAB_BYTES = 256 * 1024

export class Slab {
  private buffer = new Uint8Array(SLAB_BYTES)
  private used = 0

  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes
    if (length > SLAB_BYTES / 4) return new Uint8Array(bytes)
    if (this.used + length > SLAB_BYTES) {
      this.buffer = new Uint8Array(SLAB_BYTES)
      this.used = 0
    }
    const copy = this.buffer.subarray(this.used, (this.used += length))
    copy.set(bytes)
    return copy
  }
}

/** The straight line through readings over time, by least squares, without keeping them. */
export class Trend {
  count = 0
  private first = 0
  private last = 0
  private meanTime = 0
  private meanValue = 0
  private timeSquares = 0
  private products = 0

  /** Times must not descend. */
  add(time: number, value: number): void {
    if (this.count++ === 0) this.first = time
    this.last = time
    const timeOff = time - this.meanTime
    this.meanTime += timeOff / this.count
    this.meanValue += (value - this.meanValue) / this.count
    this.timeSquares += timeOff * (time - this.meanTime)
    this.products += timeOff * (value - this.meanValue)
  }

  /** From the first reading to the last. */
  get span(): number {
    return this.last - this.first
  }

  /** Change of the value per unit of time; null for fewer than two times. */
  get slope(): number | null {
    return this.timeSquares > 0 ? this.products / this.timeSquares : null
  }
}

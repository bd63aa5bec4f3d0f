/** Spreads drawing over frames: all charts change at once. A hidden page draws nothing. */

/** For drawing, in ms of each frame. */
const BUDGET = 6

const waiting = new Map<object, () => void>()
let asked = false

/** Queues a drawing. A newer job from the same owner replaces its pending one. */
export function draw(owner: object, job: () => void): void {
  waiting.set(owner, job)
  if (asked) return
  asked = true
  requestAnimationFrame(frame)
}

/** Drops the pending job of an owner that is being removed. */
export function forget(owner: object): void {
  waiting.delete(owner)
}

function frame(): void {
  const until = performance.now() + BUDGET
  for (const [owner, job] of waiting) {
    waiting.delete(owner)
    job()
    if (performance.now() >= until) break
  }
  asked = waiting.size > 0
  if (asked) requestAnimationFrame(frame)
}

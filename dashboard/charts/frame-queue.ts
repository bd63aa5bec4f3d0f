/**
 * Drawing in turns: all charts change at the same second, and drawn at once they would hold up a frame. The queue draws
 * as many as fit into {@link BUDGET} ms of each frame, and nothing while the page is hidden.
 */
const BUDGET = 6

const waiting = new Map<object, () => void>()
let asked = false

/** Draws soon. A newer wish of the same owner takes the place of its older one. */
export function draw(owner: object, job: () => void): void {
  waiting.set(owner, job)
  if (asked) return
  asked = true
  requestAnimationFrame(frame)
}

/** Forgets what an owner that goes away still had to draw. */
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

/** A place in the world in metres; y is up. */
export type Position = readonly [x: number, y: number, z: number]

/** Upper bounds in metres of the distance buckets that both libraries use. */
const DISTANCE_BUCKETS = [32, 64, 80, 128, 160]

/** Distance on the ground in metres. Math.hypot's guard against overflow would slow every pair of peers. */
export function distanceXZ(a: Position, b: Position): number {
  const dx = a[0] - b[0]
  const dz = a[2] - b[2]
  return Math.sqrt(dx * dx + dz * dz)
}

/** Bucket of a distance in metres: 0 up to 32 m, 1 up to 64 m, … 5 beyond 160 m. */
export function distanceBucket(distance: number): number {
  const bucket = DISTANCE_BUCKETS.findIndex((bound) => distance <= bound)
  return bucket === -1 ? DISTANCE_BUCKETS.length : bucket
}

/**
 * The order in which each block runs the builds, as indices: the rows of a Williams design (Williams 1949),
 * in which each build stands in each place, and follows each other build, equally often. Each row is followed
 * by its own reverse (AB, BA, …): what drifts steadily, such as heat or memory, favours a build in one block
 * as much as it harms it in the next. An even number of blocks completes the last pair.
 * @returns one permutation of 0 … builds − 1 for each block
 */
export function balancedOrder(builds: number, blocks: number): number[][] {
  // With an even number of builds, the reverse of a row is the row half-way round, so half the rotations
  // produce the whole square.
  const rotations = builds % 2 === 0 ? builds / 2 : builds
  return Array.from({ length: blocks }, (_, block) => {
    const row = zigzag(builds).map((build) => (build + ((block >> 1) % rotations)) % builds)
    return block % 2 === 0 ? row : row.reverse()
  })
}

/** 0, 1, n − 1, 2, n − 2, …: each pair of neighbours differs by a different step. */
function zigzag(builds: number): number[] {
  return Array.from({ length: builds }, (_, place) =>
    place % 2 === 1 ? (place + 1) / 2 : (builds - place / 2) % builds
  )
}

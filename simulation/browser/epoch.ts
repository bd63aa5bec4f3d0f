/** The start time of each simulation, in ms since 1970. */
export const EPOCH = Date.UTC(2024, 0, 1)

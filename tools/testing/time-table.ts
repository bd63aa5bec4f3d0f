const SHOWN = 10

/** A table of the slowest files and the total, from files and their seconds. */
export function whereTimeWent(files: readonly (readonly [string, number])[]): string {
  const slowest = [...files].sort(([, a], [, b]) => b - a).slice(0, SHOWN)
  const total = files.reduce((sum, [, seconds]) => sum + seconds, 0)
  const line = (seconds: number, what: string) => `${seconds.toFixed(1).padStart(8)} s  ${what}`
  return [
    'Slowest files:',
    ...slowest.map(([file, seconds]) => line(seconds, file)),
    line(total, `sum of all files (${files.length})`)
  ].join('\n')
}

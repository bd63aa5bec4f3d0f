/** The first place in one of these files that a stack trace names, for example `poll (layers.js:1166:5)`. */
export function placeIn(stack: string, files: readonly string[]): string | undefined {
  // Not only the end of a longer name: file:../layers.js is another build than layers.js.
  const places = files.flatMap((file) => [`(${file}:`, ` ${file}:`])
  // esbuild names the function around a CommonJS module by the path from which it was bundled.
  return stack
    .split('\n')
    .map((line) => line.trim().replace(/^at (?:[^(]*\/[^(]* \((.*)\)$)?/, '$1'))
    .find((line) => places.some((place) => ` ${line}`.includes(place)))
}

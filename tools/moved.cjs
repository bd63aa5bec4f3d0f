// Answers the names of npm scripts that version 0.1 had, for one release.
'use strict'
const [command, ...rest] = [process.env.npm_lifecycle_event.replace(':', ' '), ...process.argv.slice(2)]
console.error(`Now: npx peer-perf ${[command, ...rest].join(' ')}`)
process.exitCode = 1

// Answers the names of npm scripts that version 0.1 had, for one release.
'use strict'
const RENAMED = {
  scale: 'calibrate --peers 100 --machines 10 --cores 16',
  'cloud:run': 'run --on aws:10 --peers 40 --mesh full'
}
const name = process.env.npm_lifecycle_event
const now = RENAMED[name] ?? [name.replace(':', ' '), ...process.argv.slice(2)].join(' ')
console.error(`Now: npx peer-perf ${now}`)
process.exitCode = 1

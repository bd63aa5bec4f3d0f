#!/usr/bin/env node
// Plain JavaScript: it must run, and say what is missing, before anything is installed or compiled.
'use strict'
const { spawnSync } = require('node:child_process')
const { existsSync } = require('node:fs')
const { join } = require('node:path')

if (existsSync(join(__dirname, 'main.ts'))) {
  // A checkout. Checks the version of Node.js, and installs the dependencies of a fresh clone.
  const setup = join(__dirname, '../tools/with-setup.sh')
  const { status } = spawnSync('sh', [setup, 'true'], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)

  const { compiled } = require('../tools/compiled.cjs')
  compiled('program', ['commands/main.ts']).then(
    (folder) => {
      process.setSourceMapsEnabled(true)
      require(join(folder, 'main.js'))
    },
    (error) => {
      console.error(`Cannot compile the sources: ${error.message.replace(/^Build failed.*\n/, '')}`)
      process.exitCode = 1
    }
  )
} else {
  // The package, as tools/package.ts makes it.
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node.js ${process.versions.node} is too old: install version 20.19 or later.`)
    process.exit(1)
  }
  require('../build/package/main.js')
}

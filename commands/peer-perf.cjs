#!/usr/bin/env node
// Plain JavaScript: it must run, and say what is missing, before anything is installed or compiled.
'use strict'
const { spawnSync } = require('node:child_process')
const { join } = require('node:path')

// Checks the version of Node.js, and installs the dependencies of a fresh clone.
const { status } = spawnSync('sh', [join(__dirname, '../tools/with-setup.sh'), 'true'], { stdio: 'inherit' })
if (status !== 0) process.exit(1)

// TypeScript is compiled once: tsx caches by content.
require('tsx/cjs')
require('./main.ts')

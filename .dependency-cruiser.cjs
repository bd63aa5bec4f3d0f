/**
 * Which folder may import which (`npm run check`). Data flows one way: protocol/ is the ground floor;
 * analysis/ is pure; programs (server/, runner/, client/, lighthouse/, dashboard/) know each other only
 * through protocol/. Tests may import anything.
 */
const MAY_IMPORT = {
  protocol: [],
  analysis: ['protocol'],
  cli: ['protocol', 'analysis'],

  // Programs.
  client: ['protocol', 'cli'],
  libraries: ['protocol', 'cli', 'client'],
  // The relay keeps its datagrams in the heap of events that drives the simulation.
  runner: ['protocol', 'cli', 'simulation/engine'],
  lighthouse: ['protocol', 'cli'],
  server: ['protocol', 'analysis', 'cli'],
  dashboard: ['protocol', 'analysis', 'cli'],
  simulation: ['protocol', 'analysis', 'cli', 'client', 'libraries', 'lighthouse'],

  // What starts programs: a whole test on this machine, and comparisons of many.
  orchestration: [
    'protocol',
    'analysis',
    'cli',
    'client',
    'libraries',
    'runner',
    'lighthouse',
    'server',
    'dashboard',
    'simulation',
    'deploy/runners'
  ],
  // The runner as one file, for machines that have none.
  'deploy/runners': ['cli', 'deploy/docker']
  // Entry points may import anything: commands/, tools/, e2e/, the rest of deploy/, scripts at the top.
}

const TESTS = '(\\.test\\.tsx?$|/testing/)'
const anyOf = (folders) => `^(${folders.join('|')})/`

const boundaries = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-only`,
  comment: `${folder}/ may import only: ${['itself', ...allowed].join(', ')} (.dependency-cruiser.cjs)`,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: TESTS },
  to: {
    path: '^[a-z0-9.-]+/',
    pathNot: [anyOf([folder, ...allowed]), '^node_modules/'],
    dependencyTypesNot: ['core']
  }
}))

module.exports = {
  forbidden: [
    ...boundaries,
    {
      name: 'no-circular',
      comment: 'Modules that need each other are one idea: move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    {
      name: 'analysis-is-pure',
      comment: 'analysis/ runs in the dashboard too: no files, network or processes.',
      severity: 'error',
      from: { path: '^(analysis|protocol)/', pathNot: [TESTS, '^protocol/clock/discipline[.]ts$'] },
      to: { dependencyTypes: ['core'] }
    },
    {
      name: 'page-without-node',
      comment: 'client/ and the dashboard run in browsers, which have none of Node’s modules.',
      severity: 'error',
      from: { path: '^(client|dashboard/(model|charts|views))/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] }
    },
    {
      name: 'no-tests-in-programs',
      comment: 'Only tests import from testing/ and from test files.',
      severity: 'error',
      from: { pathNot: [TESTS, '^(e2e|tools)/'] },
      to: { path: TESTS }
    },
    {
      name: 'not-to-unresolvable',
      comment: 'This module cannot be found.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^kubernetes-types/', '^[.][.]/build/package/'] }
    }
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: ['^(build|bazel-[^/]*|\\.cache)/', '^deploy/aws/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports']
    },
    cache: { folder: '.cache/dependency-cruiser', strategy: 'content' }
  }
}

/**
 * Which folder may import which (`npm run check`). Data flows one way: protocol/ is the ground floor;
 * analysis/ is pure; programs (server/, runner/, client/, lighthouse/, dashboard/) know each other only
 * through protocol/. Tests may import anything.
 */
const MAY_IMPORT = {
  protocol: [],
  clock: ['protocol'],
  logging: [],
  analysis: ['protocol'],
  // The simulation's heap of events and its random numbers also drive the relay.
  network: ['protocol', 'analysis', 'simulation/engine'],
  options: ['protocol', 'network'],
  cli: ['protocol', 'analysis', 'options'],
  pictures: ['protocol', 'analysis'],
  scale: ['protocol', 'analysis'],
  grafana: ['protocol', 'analysis'],

  // Programs.
  client: ['protocol', 'clock', 'options', 'cli', 'network'],
  runner: ['protocol', 'clock', 'options', 'cli', 'network'],
  lighthouse: ['protocol', 'cli', 'logging', 'options'],
  server: ['protocol', 'analysis', 'clock', 'cli', 'logging', 'options'],
  dashboard: ['protocol', 'analysis', 'pictures', 'options'],
  // The report of a test is the dashboard's page with a document inside.
  report: ['protocol', 'analysis', 'pictures', 'dashboard'],
  simulation: ['protocol', 'analysis', 'cli', 'options', 'network', 'libraries', 'lighthouse', 'client'],

  // What starts programs: a lab on this machine, campaigns of many tests, builds of the peer library.
  libraries: ['protocol', 'cli', 'options', 'client'],
  local: [
    'protocol',
    'analysis',
    'cli',
    'options',
    'network',
    'libraries',
    'client',
    'runner',
    'lighthouse',
    'server',
    'dashboard'
  ],
  campaign: [
    'protocol',
    'analysis',
    'cli',
    'options',
    'network',
    'report',
    'libraries',
    'local',
    'client',
    'runner',
    'lighthouse',
    'server',
    'simulation',
    'runner'
  ]
  // Entry points may import anything: commands/, benchmarks/, tools/, deploy/, e2e/ and the scripts at the
  // top.
}

const TESTS = '(\\.test\\.tsx?$|/testing/|/test-client\\.ts$)'
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
      from: { path: '^(analysis|protocol)/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] }
    },
    {
      name: 'page-without-node',
      comment: 'client/page, clock and the dashboard run in browsers, which have none of Node’s modules.',
      severity: 'error',
      from: { path: '^(client/page|dashboard/(model|charts|views))/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] }
    },
    {
      name: 'no-tests-in-programs',
      comment: 'Only tests import from testing/ and from test files.',
      severity: 'error',
      from: { pathNot: [TESTS, '^(e2e|benchmarks|tools)/'] },
      to: { path: TESTS }
    },
    {
      name: 'not-to-unresolvable',
      comment: 'This module cannot be found.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^kubernetes-types/' }
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

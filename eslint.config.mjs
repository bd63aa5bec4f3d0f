import { existsSync } from 'node:fs'
import { join } from 'node:path'
import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// A package of its own, whose types exist once it is installed (tools/with-setup.sh -C deploy/aws).
const aws = existsSync(join(import.meta.dirname, 'deploy/aws/node_modules/.installed-lock'))
  ? []
  : ['deploy/aws/']

// node:test's describe and it return promises that the runner itself awaits.
const allowForKnownSafeCalls = [
  { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }
]
// The compiler cannot tell browser code from Node code: the types of preact bring the DOM to whatever imports
// them, and those of simple-peer bring Node. So each side's globals are refused on the other side by name.
const BROWSER_CODE = ['client/**/*.{ts,tsx}', 'dashboard/main.tsx', 'dashboard/{charts,model,views}/**']
const MIXED = ['**/*.test.{ts,tsx}', '**/testing/**', '{e2e,simulation,tools}/**', 'dashboard/*']
const refuse = (names, message) => ['error', ...names.map((name) => ({ name, message }))]
const NO_NODE = refuse(
  ['process', 'Buffer', 'global', 'require', 'module', '__dirname', '__filename', 'setImmediate'],
  'This runs in browsers, which do not have it.'
)
const NO_DOM = refuse(
  ['document', 'window', 'location', 'localStorage', 'sessionStorage', 'navigator', 'requestAnimationFrame'],
  'This runs in Node, which does not have it.'
)

export default tseslint.config(
  { ignores: ['**/node_modules/', 'build/', '.cache/', 'bazel-*/', 'deploy/aws/cdk.out/', ...aws] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Record types are the wire contract's shapes; type aliases are inferred from schemas, so both styles
      // live together.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Numbers in messages are the rule here, not the exception.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => close()` says it all.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `void promise` is no way out: each rejection has somebody who handles it.
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls, ignoreVoid: false }],
      // Prettier wraps code; this is for comments, which it leaves alone.
      'max-len': [
        'error',
        {
          code: 110,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true
        }
      ],
      // Index signatures: noUncheckedIndexedAccess makes the compiler ask, `!` answers where a loop has just
      // checked the length.
      '@typescript-eslint/no-non-null-assertion': 'off'
    }
  },
  { files: BROWSER_CODE, ignores: MIXED.slice(0, 2), rules: { 'no-restricted-globals': NO_NODE } },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: [...BROWSER_CODE, ...MIXED],
    rules: { 'no-restricted-globals': NO_DOM }
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        URL: 'readonly',
        module: 'writable',
        process: 'readonly',
        console: 'readonly',
        require: 'readonly',
        __dirname: 'readonly'
      }
    }
  }
)

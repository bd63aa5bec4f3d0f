/**
 * Checks Kubernetes manifests against the API's types (kubernetes-types, generated from its OpenAPI
 * document). Unlike the schema validators on npm, the TypeScript compiler rejects unknown keys in a literal.
 */
import { join } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'

interface ApiObject {
  apiVersion?: unknown
  kind?: unknown
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ['lib.es2023.d.ts']
}
const disk = ts.createCompilerHost(OPTIONS)
/**
 * Sources that every manifest needs: TypeScript's standard library and the API's types. Parsing them takes
 * nearly all the time.
 */
const sources = new Map<string, ts.SourceFile | undefined>()

/** One text per fault in a file's YAML documents; empty if there are none. */
export function manifestFaults(file: string, yaml: string): string[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    if (document.errors.length > 0) return document.errors.map(({ message }) => `${file}: ${message}`)
    const object = document.toJS() as ApiObject | null
    const type = typeOf(object)
    if (type === undefined) return [`${file}: a document lacks apiVersion or kind`]
    return compilerFaults(type, object).map((fault) => `${file}, ${type.kind}: ${fault}`)
  })
}

interface Type {
  /** Module of kubernetes-types. The API's oldest group has an empty name and is in `core/v1`. */
  module: string
  kind: string
}

function typeOf(object: ApiObject | null): Type | undefined {
  const { apiVersion, kind } = object ?? {}
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const group = apiVersion.includes('/') ? apiVersion.replace(/\.k8s\.io(?=\/)/, '') : `core/${apiVersion}`
  return { module: `kubernetes-types/${group}`, kind }
}

function compilerFaults({ module, kind }: Type, object: ApiObject | null): string[] {
  const source = `import type { ${kind} } from '${module}'\nexport const manifest: ${kind} = ${JSON.stringify(object, null, 1)}\n`
  // Next to the other sources, so that node_modules is found.
  const file = join(__dirname, 'manifest-in-memory.ts')
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === file || disk.fileExists(name),
    getSourceFile: (name) =>
      name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : sourceOnDisk(name)
  }
  const program = ts.createProgram([file], OPTIONS, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

function sourceOnDisk(name: string): ts.SourceFile | undefined {
  if (!sources.has(name)) sources.set(name, disk.getSourceFile(name, ts.ScriptTarget.ES2023))
  return sources.get(name)
}

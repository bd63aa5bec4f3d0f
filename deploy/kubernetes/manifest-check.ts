/**
 * Checks Kubernetes manifests against the API's types (kubernetes-types, generated from its OpenAPI document): the
 * TypeScript compiler refuses unknown keys in a literal, where the schema validators of npm let them pass.
 */
import { join } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'

interface ApiObject {
  apiVersion?: unknown
  kind?: unknown
}

/** One line for each fault in a file's YAML documents; none where all is well. */
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
  /** Module of kubernetes-types: `core/v1` for the API's oldest group, whose name is empty. */
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
  // Beside the other sources, so that node_modules is found from it.
  const file = join(__dirname, 'manifest-in-memory.ts')
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2023.d.ts']
  }
  const disk = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === file || disk.fileExists(name),
    getSourceFile: (name, ...rest) =>
      name === file
        ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023)
        : disk.getSourceFile(name, ...rest)
  }
  const program = ts.createProgram([file], options, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => innermost(messageText))
}

/** The compiler explains from the outside in; the last sentence names the key. */
function innermost(message: string | ts.DiagnosticMessageChain): string {
  if (typeof message === 'string') return message
  const last = message.next?.at(-1)
  return last === undefined ? message.messageText : innermost(last)
}

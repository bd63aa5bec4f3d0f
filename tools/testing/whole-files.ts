/** Keeps the reports of test files apart when two test runners print at the same time. */
import { stripVTControlCharacters } from 'node:util'

/** The line that ends the report of a file: the only one that is not indented and bears a mark. */
const END_OF_FILE = /^[✔✖].*\n/m

/** Yields the text of a report file by file, each as soon as it is complete. */
export async function* wholeFiles(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  let waiting = ''
  for await (const chunk of chunks) {
    const text = chunk.toString()
    waiting += text
    if (!END_OF_FILE.test(stripVTControlCharacters(text))) continue
    yield waiting
    waiting = ''
  }
  if (waiting !== '') yield waiting
}

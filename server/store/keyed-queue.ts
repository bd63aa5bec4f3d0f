/** Runs jobs with the same key one after the other, in order of arrival, and others concurrently. */
export class KeyedQueue {
  private readonly last = new Map<string, Promise<unknown>>()

  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const result = (this.last.get(key) ?? Promise.resolve()).then(job)
    const ended = result
      .catch(() => undefined)
      .finally(() => {
        if (this.last.get(key) === ended) this.last.delete(key)
      })
    this.last.set(key, ended)
    return result
  }
}

import { useEffect, useState } from 'preact/hooks'
import type { TestModel } from '../model/test-model'

/** How often a view follows its model. Points come in hundreds a second; eyes need two pictures of them. */
const REFRESH = 500

/** The model's version, looked at twice a second while the page can be seen. */
export function useVersion(model: TestModel): number {
  const [version, setVersion] = useState(model.version)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setVersion(model.version)
    }, REFRESH)
    return () => {
      clearInterval(timer)
    }
  }, [model])
  return version
}

/** Calls `job` now and then every `ms`, one at a time, while the page can be seen. */
export function useEvery(ms: number, job: () => Promise<void>): void {
  useEffect(() => {
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const turn = async () => {
      if (!document.hidden) await job()
      if (!stopped) timer = setTimeout(() => void turn(), ms)
    }
    void turn()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [])
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

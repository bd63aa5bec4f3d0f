import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** An element's size in CSS pixels. A drawing made for it keeps its text legible on a phone. */
export function useSize(element: RefObject<Element>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 640, height: 300 })
  useLayoutEffect(() => {
    const measure = () => {
      const { width, height } = element.current!.getBoundingClientRect()
      setSize({ width, height })
    }
    measure()
    const sizes = new ResizeObserver(measure)
    sizes.observe(element.current!)
    return () => sizes.disconnect()
  }, [])
  return size
}

import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/**
 * The current width of an element in CSS pixels. A drawing made for this width keeps its text legible on a
 * phone.
 */
export function useWidth(element: RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(640)
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(200, element.current!.clientWidth))
    measure()
    const sizes = new ResizeObserver(measure)
    sizes.observe(element.current!)
    return () => sizes.disconnect()
  }, [])
  return width
}

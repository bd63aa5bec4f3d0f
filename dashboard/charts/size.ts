import { useEffect, useRef, useState } from 'preact/hooks'

/** An element's size (CSS pixels). A drawing made for it keeps its text legible on a phone. */
export function useSize<Drawn extends Element>() {
  const element = useRef<Drawn>(null)
  const [{ width, height }, setSize] = useState({ width: 640, height: 300 })
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setSize(entry!.contentRect))
    sizes.observe(element.current!)
    return () => sizes.disconnect()
  }, [])
  return { element, width, height }
}

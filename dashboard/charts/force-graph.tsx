/** The mesh as a live force graph. Once the layout has settled it stops, and costs nothing. */
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum
} from 'd3-force'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { counted } from '../../analysis/format'
import type { LinkState, MeshSnapshot } from '../model/mesh-history'
import { round } from '../pictures/plots'
import { shortId } from './format'
import { seriesColour } from './palette'
import { useSize } from './size'

interface ForceGraphProps {
  mesh: MeshSnapshot
  /** 0 to 1 by peer; undefined: each peer has its component's colour. */
  loads: ReadonlyMap<string, number> | undefined
  selected: string | undefined
  onSelect: (id: string | undefined) => void
  /** What a node is. */
  noun: string
}

type Node = SimulationNodeDatum & MeshSnapshot['nodes'][number]
interface Edge extends SimulationLinkDatum<Node> {
  source: Node
  target: Node
  state: LinkState
}

const RADIUS = 6
const MARGIN = 26
/** A small mesh is scaled up to fill the drawing, by at most this factor. */
const MOST_SCALE = 3.5
/** Peers' names are drawn up to this many peers. */
const MOST_NAMED = 24
/** How close (pixels) a click must be to a peer to select it. */
const REACH = 16
const LINK_STATES: readonly LinkState[] = ['two-sided', 'one-sided', 'broken']

export function ForceGraph({ mesh, loads, selected, onSelect, noun }: ForceGraphProps) {
  const svg = useRef<SVGSVGElement>(null)
  const { simulation, edges } = useLayout(mesh)
  const nodes = simulation.nodes()
  const size = useSize(svg)
  const { scale, left, top } = fitted(nodes, size)
  const placeOf = ({ x = 0, y = 0 }: Node) => `${round(left + x * scale)},${round(top + y * scale)}`
  const colourOf = ({ id, component }: Node) =>
    loads === undefined
      ? `var(--${seriesColour(component)})`
      : `color-mix(in oklab, var(--accent) ${15 + 85 * (loads.get(id) ?? 0)}%, var(--surface))`
  return (
    <svg
      ref={svg}
      class="graph"
      role="img"
      aria-label={`The mesh: ${describeMesh(mesh, noun)}`}
      onClick={({ clientX, clientY, currentTarget }) => {
        const box = currentTarget.getBoundingClientRect()
        const [x, y] = [clientX - box.left - left, clientY - box.top - top]
        onSelect(simulation.find(x / scale, y / scale, REACH / scale)?.id)
      }}
    >
      {LINK_STATES.map((state) => (
        <path
          key={state}
          class={state}
          d={edges
            .filter((edge) => edge.state === state)
            .map(({ source, target }) => `M${placeOf(source)}L${placeOf(target)}`)
            .join('')}
        />
      ))}
      {nodes.map((node) => (
        <g key={node.id} transform={`translate(${placeOf(node)})`}>
          <circle
            class={node.reports ? undefined : 'silent'}
            style={node.reports ? `fill: ${colourOf(node)}` : undefined}
            r={RADIUS}
          />
          {nodes.length <= MOST_NAMED && <text y={RADIUS + 12}>{shortId(node.id)}</text>}
          {node.id === selected && <circle class="ring" r={RADIUS + 4} />}
        </g>
      ))}
    </svg>
  )
}

export function describeMesh({ nodes, links, components }: MeshSnapshot, noun = 'peer'): string {
  if (nodes.length === 0) return 'no known links'
  const of = (state: LinkState) => links.filter((link) => link.state === state).length
  const parts = [
    counted(nodes.filter(({ reports }) => reports).length, noun),
    counted(links.length, 'link'),
    counted(components, 'component')
  ]
  if (of('one-sided') > 0) parts.push(`${of('one-sided')} one-sided`)
  if (of('broken') > 0) parts.push(`${of('broken')} broken`)
  return parts.join(' · ')
}

/** Moves the mesh's peers, a step a frame, after peers or links have come or gone. */
function useLayout({ nodes, links }: MeshSnapshot) {
  const [, setSteps] = useState(0)
  const { simulation, linkForce } = useMemo(makeSimulation, [])
  const { edges, shape } = useMemo(() => {
    const known = new Map(simulation.nodes().map((node) => [node.id, node]))
    const moved = new Map(nodes.map((node) => [node.id, Object.assign(known.get(node.id) ?? {}, node)]))
    simulation.nodes([...moved.values()])
    const edges = links.map(({ from, to, state }): Edge => ({
      source: moved.get(from)!,
      target: moved.get(to)!,
      state
    }))
    linkForce.links(edges)
    const shape = `${nodes.map(({ id }) => id).join()} ${links.map(({ from, to }) => from + to).join()}`
    return { edges, shape }
  }, [nodes, links])

  useEffect(() => {
    const redraw = () => setSteps((before) => before + 1)
    // The first layout starts at 1.
    simulation.alpha(Math.max(simulation.alpha(), 0.3))
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      while (simulation.alpha() > simulation.alphaMin()) simulation.tick()
      redraw()
    } else simulation.on('tick', redraw).restart()
    return () => {
      simulation.stop()
    }
  }, [shape])
  return { simulation, edges }
}

function makeSimulation() {
  const linkForce = forceLink<Node, Edge>().distance(42).strength(0.35)
  const simulation = forceSimulation<Node, Edge>()
    .force('charge', forceManyBody<Node>().strength(-60).distanceMax(300))
    .force('link', linkForce)
    .force('x', forceX<Node>().strength(0.06))
    .force('y', forceY<Node>().strength(0.08))
    .force('collide', forceCollide<Node>(RADIUS * 1.6))
    .alphaMin(0.02)
    .stop()
  return { simulation, linkForce }
}

/** How to scale and move a layout, so that it fills the drawing. */
function fitted(nodes: readonly Node[], { width, height }: { width: number; height: number }) {
  const xs = nodes.map(({ x = 0 }) => x)
  const ys = nodes.map(({ y = 0 }) => y)
  const [leftmost, rightmost] = [Math.min(...xs), Math.max(...xs)]
  const [highest, lowest] = [Math.min(...ys), Math.max(...ys)]
  const scale = Math.min(
    MOST_SCALE,
    (width - 2 * MARGIN) / Math.max(1, rightmost - leftmost),
    (height - 2 * MARGIN) / Math.max(1, lowest - highest)
  )
  const left = width / 2 - (scale * (leftmost + rightmost)) / 2
  const top = height / 2 - (scale * (highest + lowest)) / 2
  return { scale, left, top }
}

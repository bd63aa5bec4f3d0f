/** The mesh as a live force graph. Once the layout has settled it stops, and costs nothing. */
import * as d3 from 'd3-force'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { counted } from '../../analysis/format'
import type { Link, MeshSnapshot } from '../model/mesh-history'
import { shortId } from './format'
import { SERIES_COLOURS } from './palette'
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

type Node = d3.SimulationNodeDatum & MeshSnapshot['nodes'][number]
type Edge = d3.SimulationLinkDatum<Node> & Pick<Link, 'state'>

const LINK_STATES: readonly Link['state'][] = ['two-sided', 'one-sided', 'broken']
const RADIUS = 6
const MARGIN = 26
/** A small mesh is scaled up to fill its place, by at most this factor. */
const MOST_SCALE = 3.5
/** Peers' names are drawn up to this many peers. */
const MOST_NAMED = 24
/** How close (pixels) a click must be to a peer to select it. */
const REACH = 16

export function ForceGraph({ mesh, loads, selected, onSelect, noun }: ForceGraphProps) {
  const { element, width, height } = useSize<SVGSVGElement>()
  const { nodes, edges } = useLayout(mesh)
  const placeOf = fit(nodes, width, height)
  const fillOf = ({ id, component }: Node) =>
    loads === undefined
      ? `var(--${SERIES_COLOURS[component % SERIES_COLOURS.length]!})`
      : `color-mix(in oklab, var(--accent) ${15 + 85 * (loads.get(id) ?? 0)}%, var(--surface))`
  return (
    <svg
      ref={element}
      class="graph"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`The mesh: ${describeMesh(mesh, noun)}`}
      onClick={({ target }) => onSelect((target as Element).closest<SVGElement>('[data-id]')?.dataset.id)}
    >
      {LINK_STATES.map((state) => (
        <path
          key={state}
          class={state}
          d={edges
            .filter((edge) => edge.state === state)
            .map(({ source, target }) => `M${placeOf(source as Node)}L${placeOf(target as Node)}`)
            .join('')}
        />
      ))}
      {/* Below all peers: a click on one selects that one. */}
      {nodes.map((node) => (
        <circle key={node.id} data-id={node.id} r={REACH} transform={`translate(${placeOf(node)})`} />
      ))}
      {nodes.map((node) => (
        <g key={node.id} data-id={node.id} transform={`translate(${placeOf(node)})`}>
          <title>{node.id}</title>
          <circle
            class={node.reports ? 'peer-dot' : 'silent'}
            r={RADIUS}
            style={{ fill: node.reports ? fillOf(node) : undefined }}
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
  const of = (state: Link['state']) => links.filter((link) => link.state === state).length
  const parts = [
    counted(nodes.filter(({ reports }) => reports).length, noun),
    counted(links.length, 'link'),
    counted(components, 'component')
  ]
  if (of('one-sided') > 0) parts.push(`${of('one-sided')} one-sided`)
  if (of('broken') > 0) parts.push(`${of('broken')} broken`)
  return parts.join(' · ')
}

/** Places the peers; a peer that was there stays near its place. Draws every second step. */
function useLayout({ nodes, links }: MeshSnapshot): { nodes: Node[]; edges: Edge[] } {
  const [, setStep] = useState(0)
  const shape = useRef('')
  const simulation = useMemo(() => {
    let ticks = 0
    return (
      d3
        .forceSimulation<Node, Edge>()
        .force('charge', d3.forceManyBody().strength(-60).distanceMax(300))
        .force('x', d3.forceX().strength(0.06))
        .force('y', d3.forceY().strength(0.08))
        .force('collide', d3.forceCollide(RADIUS * 1.6))
        .alphaMin(0.02)
        // In a churn test the layout never settles, and every second frame takes half of the CPU time.
        .on('tick', () => setStep(++ticks - (ticks % 2)))
        .on('end', () => setStep(ticks))
        .stop()
    )
  }, [])
  useEffect(() => () => void simulation.stop(), [])
  return useMemo(() => {
    const known = new Map(simulation.nodes().map((node) => [node.id, node]))
    const edges = links.map(({ from, to, state }): Edge => ({ source: from, target: to, state }))
    simulation.nodes(nodes.map((node) => Object.assign(known.get(node.id) ?? {}, node)))
    simulation.force(
      'link',
      d3
        .forceLink<Node, Edge>(edges)
        .id(({ id }) => id)
        .distance(42)
        .strength(0.35)
    )
    const before = shape.current
    shape.current = `${nodes.map(({ id }) => id).join()} ${links.map(({ from, to }) => from + to).join()}`
    if (shape.current !== before) {
      simulation.alpha(before === '' ? 1 : 0.3)
      if (matchMedia('(prefers-reduced-motion: reduce)').matches)
        while (simulation.alpha() > simulation.alphaMin()) simulation.tick()
      else simulation.restart()
    }
    return { nodes: simulation.nodes(), edges }
  }, [nodes, links])
}

/** Where each peer is in a picture of this size, as coordinates for SVG. */
function fit(nodes: readonly Node[], width: number, height: number): (node: Node) => string {
  const xs = nodes.map(({ x }) => x!)
  const ys = nodes.map(({ y }) => y!)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = Math.min(
    MOST_SCALE,
    (width - 2 * MARGIN) / Math.max(1, right - left),
    (height - 2 * MARGIN) / Math.max(1, bottom - top)
  )
  const place = (at: number, size: number, ends: number) => (size / 2 + scale * (at - ends / 2)).toFixed(1)
  return ({ x, y }) => `${place(x!, width, left + right)} ${place(y!, height, top + bottom)}`
}

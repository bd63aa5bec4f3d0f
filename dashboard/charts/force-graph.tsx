/** The mesh as a live force graph on a canvas. Once the layout has settled it stops, and costs nothing. */
import * as d3 from 'd3-force'
import { useEffect, useRef } from 'preact/hooks'
import { counted } from '../../analysis/format'
import type { Link, MeshSnapshot } from '../model/mesh-history'
import { shortId } from './format'
import { draw, forget } from './frame-queue'
import { colour, SERIES_COLOURS, useTheme } from './palette'

interface Looks {
  /** 0 to 1 by peer; undefined: each peer has its component's colour. */
  loads: ReadonlyMap<string, number> | undefined
  selected: string | undefined
}

interface ForceGraphProps extends Looks {
  mesh: MeshSnapshot
  onSelect: (id: string | undefined) => void
  /** What a node is. */
  noun: string
}

type Node = d3.SimulationNodeDatum & MeshSnapshot['nodes'][number]
type Edge = d3.SimulationLinkDatum<Node> & { source: Node; target: Node; state: Link['state'] }

const RADIUS = 6
const MARGIN = 26
/** A small mesh is scaled up to fill the canvas, by at most this factor. */
const MOST_SCALE = 3.5
/** Peers' names are drawn up to this many peers. */
const MOST_NAMED = 24
/** How close (pixels) a click must be to a peer to select it. */
const REACH = 16

export function ForceGraph({ mesh, loads, selected, onSelect, noun }: ForceGraphProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const layout = useRef<Layout>(null)
  const theme = useTheme()

  useEffect(() => {
    const made = new Layout(canvas.current!)
    layout.current = made
    return () => made.dispose()
  }, [])
  useEffect(() => layout.current!.setMesh(mesh), [mesh])
  useEffect(() => layout.current!.setLooks({ loads, selected }), [loads, selected, theme])

  return (
    <canvas
      ref={canvas}
      class="graph"
      role="img"
      aria-label={`The mesh: ${describeMesh(mesh, noun)}`}
      onClick={(event) => onSelect(layout.current!.nearest(event.offsetX, event.offsetY))}
    />
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

class Layout {
  private nodes = new Map<string, Node>()
  private edges: Edge[] = []
  private looks: Looks = { loads: undefined, selected: undefined }
  private shape = ''
  private readonly links = d3.forceLink<Node, Edge>().distance(42).strength(0.35)
  private readonly simulation = d3
    .forceSimulation<Node, Edge>()
    .force('charge', d3.forceManyBody<Node>().strength(-60).distanceMax(300))
    .force('link', this.links)
    .force('x', d3.forceX<Node>().strength(0.06))
    .force('y', d3.forceY<Node>().strength(0.08))
    .force('collide', d3.forceCollide<Node>(RADIUS * 1.6))
    .alphaMin(0.02)
    .stop()
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)').matches
  private readonly sizes = new ResizeObserver(() => this.ask())
  private view = { scale: 1, x: 0, y: 0 }

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.sizes.observe(canvas)
  }

  setMesh({ nodes, links }: MeshSnapshot): void {
    const known = this.nodes
    this.nodes = new Map(nodes.map((node) => [node.id, Object.assign(known.get(node.id) ?? {}, node)]))
    const nodeOf = (id: string) => this.nodes.get(id)!
    this.edges = links.map(({ from, to, state }) => ({ source: nodeOf(from), target: nodeOf(to), state }))
    this.simulation.nodes([...this.nodes.values()])
    this.links.links(this.edges)

    const shape = `${nodes.map(({ id }) => id).join()} ${links.map(({ from, to }) => from + to).join()}`
    if (shape !== this.shape) this.simulation.alpha(this.shape === '' ? 1 : 0.3)
    this.shape = shape
    while (this.still && this.isMoving) this.simulation.tick()
    this.ask()
  }

  setLooks(looks: Looks): void {
    this.looks = looks
    this.ask()
  }

  /** The peer near a point of the canvas. */
  nearest(x: number, y: number): string | undefined {
    const { view } = this
    return this.simulation.find((x - view.x) / view.scale, (y - view.y) / view.scale, REACH / view.scale)?.id
  }

  dispose(): void {
    this.sizes.disconnect()
    forget(this)
  }

  private get isMoving(): boolean {
    return this.simulation.alpha() > this.simulation.alphaMin()
  }

  private ask(): void {
    draw(this, () => this.frame())
  }

  private frame(): void {
    if (this.isMoving) {
      this.simulation.tick()
      this.ask()
    }
    const { canvas } = this
    const [width, height] = [canvas.clientWidth, canvas.clientHeight]
    const ratio = devicePixelRatio
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    this.fit(width, height)
    const context = canvas.getContext('2d')!
    context.scale(ratio, ratio)
    this.paintLinks(context)
    this.paintPeers(context)
  }

  private paintLinks(context: CanvasRenderingContext2D): void {
    const looks = {
      'two-sided': { stroke: colour('link'), width: 1, dash: [] },
      'one-sided': { stroke: colour('two'), width: 1.75, dash: [5, 4] },
      broken: { stroke: colour('bad'), width: 1.75, dash: [1.5, 4] }
    }
    for (const [state, { stroke, width, dash }] of Object.entries(looks)) {
      context.strokeStyle = stroke
      context.lineWidth = width
      context.setLineDash(dash)
      context.beginPath()
      for (const edge of this.edges) {
        if (edge.state !== state) continue
        const [from, to] = [this.placed(edge.source), this.placed(edge.target)]
        context.moveTo(from.x, from.y)
        context.lineTo(to.x, to.y)
      }
      context.stroke()
    }
    context.setLineDash([])
  }

  private paintPeers(context: CanvasRenderingContext2D): void {
    // Colours are looked up once for all peers: the lookup is the slow part.
    const [surface, accent] = [colour('surface'), colour('accent')]
    const [muted, ring, silent] = [colour('muted'), colour('text'), colour('bad')]
    const components = SERIES_COLOURS.map(colour)
    const { loads, selected } = this.looks
    const fillOf = ({ id, component }: Node) => {
      if (loads === undefined) return components[component % components.length]!
      const load = Math.round((loads.get(id) ?? 0) * 20) / 20
      return `color-mix(in oklab, ${accent} ${15 + 85 * load}%, ${surface})`
    }
    context.font = '10px system-ui, sans-serif'
    context.textAlign = 'center'
    for (const node of this.nodes.values()) {
      const { x, y } = this.placed(node)
      context.beginPath()
      context.arc(x, y, RADIUS, 0, 2 * Math.PI)
      context.fillStyle = node.reports ? fillOf(node) : surface
      context.strokeStyle = node.reports ? surface : silent
      context.lineWidth = 1.5
      context.fill()
      context.stroke()
      if (this.nodes.size <= MOST_NAMED) {
        context.fillStyle = muted
        context.fillText(shortId(node.id), x, y + RADIUS + 12)
      }
      if (node.id !== selected) continue
      context.beginPath()
      context.arc(x, y, RADIUS + 4, 0, 2 * Math.PI)
      context.strokeStyle = ring
      context.lineWidth = 2
      context.stroke()
    }
  }

  private fit(width: number, height: number): void {
    const nodes = [...this.nodes.values()]
    const xs = nodes.map(({ x }) => x ?? 0)
    const ys = nodes.map(({ y }) => y ?? 0)
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
    const scale = Math.min(
      MOST_SCALE,
      (width - 2 * MARGIN) / Math.max(1, right - left),
      (height - 2 * MARGIN) / Math.max(1, bottom - top)
    )
    this.view = { scale, x: (width - scale * (left + right)) / 2, y: (height - scale * (top + bottom)) / 2 }
  }

  private placed({ x = 0, y = 0 }: Node): { x: number; y: number } {
    return { x: this.view.x + x * this.view.scale, y: this.view.y + y * this.view.scale }
  }
}

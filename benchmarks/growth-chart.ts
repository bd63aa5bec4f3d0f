/** The growth of packets per message as an SVG, with logarithmic scales. */
import type { Growth, MessageCost, Spreading } from '../scale/message-cost'

const WIDTH = 720
const HEIGHT = 400
const FRAME = { left: 60, right: 150, top: 44, bottom: 48 }
const PEERS = [4, 8, 16, 30, 50, 100]
const PACKETS = [1, 2, 5, 10, 20, 50, 100]
/** Names and colours that are distinguishable on light and dark backgrounds. */
const LINES: Record<Spreading, { name: string; colour: string }> = {
  faithful: { name: 'faithful', colour: '#d95926' },
  deduplicated: { name: 'deduplicated', colour: '#2a78d6' },
  full: { name: 'full mesh', colour: '#1b9e77' }
}

export function growthChart(growth: Growth): string {
  const most = Math.max(
    ...Object.values(growth)
      .flat()
      .map(({ packetsPerMessage }) => packetsPerMessage)
  )
  const top = PACKETS.find((value) => value >= most) ?? most
  const x = scale(PEERS[0]!, PEERS.at(-1)!, FRAME.left, WIDTH - FRAME.right)
  const y = scale(1, top, HEIGHT - FRAME.bottom, FRAME.top)
  const position = ({ peers, packetsPerMessage }: MessageCost): [number, number] => [
    x(peers),
    y(packetsPerMessage)
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="13">`,
    '<title>Packets for each message that arrives, over the peers of a group</title>',
    '<style>text{fill:#222}.grid{stroke:#ccc}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}</style>',
    `<text x="${FRAME.left}" y="22" font-size="15">Packets received for each message that arrives</text>`,
    ...PACKETS.filter((value) => value <= top).map((value) => gridLine(y(value), value)),
    ...PEERS.map((value) => label(x(value), HEIGHT - FRAME.bottom + 20, String(value), 'middle')),
    label((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 8, 'peers in the group', 'middle'),
    ...Object.entries(LINES).map(([spreading, line]) =>
      curve(growth[spreading as Spreading].map(position), line)
    ),
    '</svg>\n'
  ].join('\n')
}

function scale(from: number, to: number, first: number, last: number): (value: number) => number {
  return (value) => round(first + (Math.log(value / from) / Math.log(to / from)) * (last - first))
}

function gridLine(y: number, value: number): string {
  const line = `<line class="grid" x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y}" y2="${y}"/>`
  return line + label(FRAME.left - 8, y + 4, String(value), 'end')
}

function curve(points: readonly [number, number][], { name, colour }: (typeof LINES)[Spreading]): string {
  const last = points.at(-1)
  if (!last) return ''
  const dots = points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3.5" fill="${colour}"/>`)
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots,
    // Above the point: a line of the grid must not cross the text.
    label(last[0] + 10, last[1] - 6, name, 'start')
  ].join('')
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text}</text>`
}

function round(value: number): number {
  return Math.round(10 * value) / 10
}

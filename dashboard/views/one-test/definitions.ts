/** Short definitions of the figures, for readers who were sent a link. Exact ones: docs/metrics.md. */
export const DEFINITIONS = {
  Delivery:
    'Messages received ÷ messages owed: each message is owed to every other peer that was present when it was sent.',
  'Latency p95':
    '95% of the messages that arrived took no longer than this from sending to first arrival. Messages that never arrived are not included.',
  'Owed latency p95':
    '95% of all messages owed arrived within this time of the instant they were due. Messages that never arrived count as later than all others.',
  Messages: 'First arrivals per second, over all peers.',
  Duplicates: 'Later arrivals of a message that the peer already had, per first arrival.',
  Peers: 'Simulated peers that sent data, and the connections each of them had.',
  Traffic:
    'Bytes received on data channels per second, over all peers, including the library’s own messages.',
  Elapsed: 'Time since the peers started their routines.',
  Measured: 'Time that the figures cover: from the end of the warm-up to the end of the routines.'
} as const

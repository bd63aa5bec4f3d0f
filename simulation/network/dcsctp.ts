/**
 * The constants of dcSCTP, which carries Chromium's data channels
 * (webrtc/net/dcsctp/public/dcsctp_options.h). Sizes in bytes, times in ms.
 */
export const DCSCTP = {
  mtu: 1191,
  /** Longer messages are sent in several chunks: the MTU without headers, in whole words. */
  mostPerChunk: 1160,
  initialWindow: 10 * 1191,
  leastWindow: 4 * 1191,
  initialRto: 500,
  leastRto: 400,
  mostRto: 60_000,
  /** Chromium's own choice (media/sctp/dcsctp_transport.cc: kMaxTimerBackoffDuration). */
  mostBackoff: 3000,
  /** Lower bound of four times the round-trip variance. */
  leastVariance: 220,
  longestAckDelay: 200,
  /** Abandoned chunks are reported once per round trip, or after this time if that is shorter. */
  longestForwardPause: 200,
  /** https://www.rfc-editor.org/rfc/rfc9260#section-7.2.4 */
  reportsOfLoss: 3
} as const

/**
 * Bytes per datagram besides its chunk's data: headers of DTLS record, SCTP and DATA chunk. A rate counts the
 * payload of UDP, as in the browser (docs/networks.md) and the relay.
 */
export const HEADER_BYTES = 29 + 12 + 16
export const ACK_BYTES = 29 + 12 + 20

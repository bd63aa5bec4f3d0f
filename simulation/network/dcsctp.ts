/**
 * The constants of dcSCTP, which carries Chromium's data channels
 * (webrtc/net/dcsctp/public/dcsctp_options.h). Sizes in bytes, times in ms.
 */
export const DCSCTP = {
  mtu: 1191,
  /** With the DTLS record. */
  largestDatagram: 1191 + 29,
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
 * Bytes per datagram besides its chunks: headers of DTLS record and SCTP. A rate counts the payload of UDP,
 * as in the browser (docs/networks.md) and the relay.
 */
export const PACKET_BYTES = 29 + 12
/** With the header of a DATA chunk. */
export const HEADER_BYTES = PACKET_BYTES + 16
export const ACK_BYTES = PACKET_BYTES + 20

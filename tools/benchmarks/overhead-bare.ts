/**
 * A ledger and a traffic counter that measure almost nothing: overhead.ts uses them instead of the real
 * ones, to see what measuring costs.
 */
import { Ledger } from '../../client/measurement/ledger'
import { Traffic } from '../../client/measurement/traffic'
import type { WebRtc } from '../../client/peer-libraries/peer-library'

/** Counts only what is needed to show that the mesh works. */
export class BareLedger extends Ledger {
  override sent(): void {
    this.total.sent++
  }

  override received(): void {
    this.total.received++
  }
}

export class BareTraffic extends Traffic {
  override webRtc(): WebRtc {
    return { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }
  }
}

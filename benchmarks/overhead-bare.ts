/** Measurement that does not measure: what benchmarks/overhead.ts puts in the place of the real one to know what that costs. */
import { Ledger } from '../client/measurement/ledger'
import { Traffic } from '../client/measurement/traffic'
import type { WebRtc } from '../client/peer-libraries/peer-library'

/** Counts what it must to show that the mesh works, and nothing else. */
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

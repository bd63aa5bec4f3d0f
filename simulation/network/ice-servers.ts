const STUN = /^stuns?:[\w.:[\]-]+$/
const TURN = /^turns?:[\w.:[\]-]+(\?transport=(udp|tcp))?$/

/** For most others, Chromium throws. */
export const isUsable = ({ urls = '', username, credential }: RTCIceServer) =>
  urls.length > 0 &&
  [urls].flat().every((url) => STUN.test(url) || (TURN.test(url) && username && credential))

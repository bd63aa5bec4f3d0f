/** Counted by `npm run bench:growth` of commit 652df6b: layers 0.2.20, routine `stand`. */
import type { Growth } from './message-cost'

export const GROWTH: Growth = {
  faithful: [
    { peers: 4, packetsPerMessage: 1.022, bytesPerPacket: 314.8 },
    { peers: 8, packetsPerMessage: 1.854, bytesPerPacket: 452.1 },
    { peers: 10, packetsPerMessage: 2.827, bytesPerPacket: 523.9 },
    { peers: 12, packetsPerMessage: 4.254, bytesPerPacket: 594.6 },
    { peers: 14, packetsPerMessage: 7.17, bytesPerPacket: 672.7 },
    { peers: 16, packetsPerMessage: 11.05, bytesPerPacket: 744.9 },
    { peers: 18, packetsPerMessage: 18.45, bytesPerPacket: 823 },
    { peers: 20, packetsPerMessage: 27.38, bytesPerPacket: 897.4 },
    { peers: 22, packetsPerMessage: 43.15, bytesPerPacket: 966.8 }
  ],
  deduplicated: [
    { peers: 4, packetsPerMessage: 1.022, bytesPerPacket: 323.5 },
    { peers: 8, packetsPerMessage: 1.764, bytesPerPacket: 458.4 },
    { peers: 12, packetsPerMessage: 2.495, bytesPerPacket: 569.2 },
    { peers: 16, packetsPerMessage: 3.093, bytesPerPacket: 650 },
    { peers: 20, packetsPerMessage: 3.385, bytesPerPacket: 698.6 },
    { peers: 30, packetsPerMessage: 3.805, bytesPerPacket: 788.4 },
    { peers: 50, packetsPerMessage: 4.197, bytesPerPacket: 905.3 },
    { peers: 70, packetsPerMessage: 4.402, bytesPerPacket: 971 },
    { peers: 100, packetsPerMessage: 4.475, bytesPerPacket: 1031 }
  ],
  full: [
    { peers: 4, packetsPerMessage: 1.022, bytesPerPacket: 323.5 },
    { peers: 8, packetsPerMessage: 1.117, bytesPerPacket: 471.9 },
    { peers: 16, packetsPerMessage: 1.099, bytesPerPacket: 796.9 },
    { peers: 30, packetsPerMessage: 1.231, bytesPerPacket: 1237 },
    { peers: 50, packetsPerMessage: 1.475, bytesPerPacket: 1674 },
    { peers: 100, packetsPerMessage: 1.861, bytesPerPacket: 2548 }
  ]
}

/**
 * Every option of a test, declared once: variables, flags, URL parameters, the tables in docs/ and `--help`
 * follow. To add one, add an entry, with `at: EVERYWHERE` for all but calibrate, then run
 * `npx tsx cli/docs.ts`.
 */
import { LIMITS, WHY_NO_LONGER } from '../protocol/limits'
import { GENERATIONS, MESHES, MESSAGE_TYPES, PEER_IDS } from '../protocol/names'
import { option } from './declaration'
import {
  httpUrl,
  iceServers,
  id,
  mixture,
  network,
  object,
  oneOf,
  seconds,
  serverUrl,
  text,
  whole,
  wholes
} from './kinds'

const EVERYWHERE = { page: {}, runner: {}, start: {}, campaign: {}, simulate: {} }

/** What peers do. Commands pass these options on unchanged, so a new one needs no other code. */
export const BEHAVIOUR = {
  routine: option(mixture, {
    help: 'what the peers do, e.g. stand or the mixture loops:8,churn:2',
    see: 'routines.md',
    default: 'stand',
    at: { ...EVERYWHERE, calibrate: {} }
  }),
  messageTypes: option(oneOf(MESSAGE_TYPES), {
    help: "how the peers send: faithful, as Decentraland's client does; deduplicated, so that the library recognises copies",
    default: 'faithful',
    variant: true,
    at: { ...EVERYWHERE, calibrate: {} }
  }),
  mesh: option(oneOf(MESHES), {
    help: 'usual: the library chooses its connections; full: everyone connects to everyone',
    default: 'usual',
    variant: true,
    at: { ...EVERYWHERE, calibrate: {} }
  }),
  network: option(network, {
    help: 'network conditions of the peers, e.g. 4g, home:6,4g:2 or home,20s:offline,25s:home',
    see: 'networks.md',
    default: 'perfect',
    variant: true,
    at: { ...EVERYWHERE, calibrate: {} }
  }),
  signalling: option(oneOf(['direct', 'delayed']), {
    help: "delayed: requests and sockets to the Lighthouse take the delay of the peer's line too",
    see: 'networks.md#signalling',
    default: 'direct',
    at: { runner: {}, start: {}, campaign: {}, simulate: {} }
  }),
  peerConfig: option(object, {
    help: "the peer library's own options, as a JSON object; they override the suite's",
    at: { ...EVERYWHERE, page: { default: {} } }
  }),
  iceServers: option(iceServers, {
    help: 'ICE servers, as a JSON array of RTCIceServer',
    at: { page: { default: [] }, runner: {}, start: {}, campaign: {} }
  }),
  turn: option(oneOf(['off', 'only']), {
    help: 'only: peers connect through the TURN servers among the ICE servers, never directly',
    see: 'networks.md#turn',
    default: 'off',
    at: { page: {}, runner: {}, start: {}, campaign: {} }
  }),
  peerIdLength: option(whole(10, 64), {
    help: 'characters of a peer id; an Ethereum address has 42',
    default: 42,
    at: EVERYWHERE
  }),
  statsSubmitInterval: option(whole(100, 600_000), {
    help: "milliseconds between a peer's data points",
    default: 2000,
    at: EVERYWHERE
  }),
  pingInterval: option(whole(100, 600_000), {
    help: "milliseconds between the peer library's own pings",
    absent: 'off',
    at: EVERYWHERE
  })
}

export const OPTIONS = {
  testId: option(id, {
    help: 'the test to take part in; it must exist on the results server',
    at: { runner: { required: true }, page: { absent: 'none: the page runs at once and submits nothing' } }
  }),
  resultsServerUrl: option(serverUrl, {
    help: 'the results server, e.g. http://localhost:9904',
    at: {
      runner: { required: true },
      page: { name: 'statsServerUrl', default: 'http://localhost:9904', help: 'the results server' },
      campaign: { help: 'use this results server instead of starting one' }
    }
  }),
  lighthouseUrl: option(serverUrl, {
    help: 'the Lighthouse, e.g. http://localhost:9000; the same text for all runners, or their peers refuse each other',
    at: {
      runner: { required: true },
      page: {
        default: 'http://localhost:9000',
        help: 'the Lighthouse; all peers of a mesh need the identical text'
      },
      campaign: { help: 'a Lighthouse that already runs, used by all runs' }
    }
  }),
  clientUrl: option(httpUrl, {
    help: 'the client page',
    absent: 'the runner builds and serves one',
    at: { runner: {} }
  }),
  // A peer alone sends to nobody.
  peers: option(whole(2, 1000), {
    help: 'simulated peers',
    at: { start: { default: 10 }, campaign: { required: true }, simulate: { default: 10 } }
  }),
  peersCount: option(whole(1, LIMITS.peersPerTest), {
    help: 'peers that this runner adds',
    default: 10,
    at: { runner: {} }
  }),
  numberOfPeers: option(whole(1, 500), { help: 'peers in this page', default: 1, at: { page: {} } }),
  firstPeerNumber: option(whole(0, LIMITS.peersPerTest), {
    help: "number of the page's first peer in the whole test",
    at: {
      page: { absent: 'random' },
      runner: {
        help: "number of this runner's first peer in the whole test",
        absent: 'assigned by the results server'
      }
    }
  }),
  peerNumbers: option(wholes(0, LIMITS.peersPerTest), {
    help: "comma-separated numbers of the page's peers",
    absent: 'in a row from firstPeerNumber on',
    at: { page: {} }
  }),
  // Measured (docs/calibration.md): a peer in a shared tab costs a third of one with its own browser.
  peersPerTab: option(whole(1, 500), {
    help: 'peers in one browser tab',
    see: 'calibration.md',
    at: {
      runner: { default: 1 },
      start: { absent: '10; 1 on lines with a rate' },
      campaign: { absent: 'all' }
    }
  }),
  duration: option(seconds(1, LIMITS.durationSeconds, WHY_NO_LONGER), {
    help: 'how long the peers run their routines, a day at most',
    at: {
      start: { default: 30 },
      campaign: { required: true },
      calibrate: { default: 10 },
      simulate: { default: 30 }
    }
  }),
  warmup: option(seconds(0, 3600), {
    help: 'first part of the duration, left out of the summary',
    default: 5,
    at: { start: {}, campaign: {}, simulate: {} }
  }),
  testDuration: option(seconds(0.001, LIMITS.durationSeconds, WHY_NO_LONGER), {
    help: 'seconds that the peers run, for a test without a duration of its own',
    default: 180,
    at: { page: {}, runner: {} }
  }),
  library: option(oneOf(GENERATIONS), {
    help: 'generation of the peer library: layers or islands',
    default: 'layers',
    at: { page: {}, runner: {} }
  }),
  peerLibrary: option(
    { ...text, placeholder: 'build' },
    {
      help: 'build of the peer library: layers, islands, layers@version, name@version (e.g. @dcl/catalyst-peer@1.0.4) or file:../folder',
      at: {
        runner: { absent: 'the published build of LIBRARY' },
        start: { name: 'library', env: 'PEER_LIBRARY', default: 'layers' },
        simulate: { name: 'library', env: 'PEER_LIBRARY', default: 'layers' },
        calibrate: { name: 'library', env: 'PEER_LIBRARY', default: 'layers' }
      }
    }
  ),
  ...BEHAVIOUR,
  allowUnknownOptions: option(oneOf(['no', 'yes']), {
    help: 'yes: pass options that the build does not declare; otherwise they are refused',
    default: 'no',
    at: { runner: {} }
  }),
  peerIds: option(oneOf(PEER_IDS), {
    help: 'seed: peer ids follow from seed and number; test: from the id of the test as well, for a Lighthouse that outlives a test',
    see: 'peer-libraries.md#peer-ids',
    at: { page: { default: 'seed' }, runner: { default: 'test' } }
  }),
  seed: option(whole(0, 0xffffffff), {
    help: 'decides everything random',
    at: {
      page: { absent: "the test's" },
      runner: { absent: "the test's" },
      start: { absent: 'random' },
      campaign: { help: 'decides the seeds of all blocks', absent: 'random' },
      simulate: { absent: 'random' }
    }
  }),
  browserCore: option(wholes(0, 4095), {
    help: 'the core that the browser may use, or several by commas (Linux)',
    see: 'calibration.md#one-core',
    absent: 'all cores',
    at: { runner: {} }
  }),
  sessionId: option(id, { help: 'passed to the peer library', at: { page: {} } }),
  meshPeers: option(whole(2, LIMITS.peersPerTest), {
    help: 'peers that a full mesh connects',
    absent: "the page's own",
    at: { page: {} }
  }),
  runnerId: option(id, {
    help: 'names the runner; no two of a test may share a name',
    at: { page: { help: 'runner that opened the page' }, runner: { absent: 'host name and a random part' } }
  }),
  nodeName: option(text, { help: 'the machine, in the results', at: { runner: { absent: 'host name' } } }),
  tabNumber: option(whole(0, 1_000_000), {
    help: "number of the page's tab in its runner",
    default: 0,
    at: { page: {} }
  }),
  resultsServerToken: option(text, {
    help: 'control token of the results server, where it requires one',
    secret: true,
    at: { runner: {} }
  }),
  resultsServerSubmitToken: option(text, {
    help: 'submit token of the results server; enough for a runner',
    secret: true,
    at: { runner: {} }
  })
}

/**
 * Gives protobufjs its 64-bit integers. A packet's timestamp is one, and without this wiring the libraries throw every
 * received packet away while the peer looks connected. To be imported before any of them.
 */
import Long from 'long'
import protobuf from 'protobufjs/minimal'

protobuf.util.Long = Long as unknown as typeof protobuf.util.Long
protobuf.configure()

/**
 * Gives protobufjs its 64-bit integers. A packet's timestamp is one; without this wiring the libraries
 * discard every received packet while the peer looks connected. Import this before any of them.
 */
import Long from 'long'
import protobuf from 'protobufjs/minimal'

protobuf.util.Long = Long as unknown as typeof protobuf.util.Long
protobuf.configure()

package dev.hcp.controller.etcd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes a snapshot piece by piece. */
@FunctionalInterface
public interface SnapshotSink {
  /**
   * Takes the next piece. No other comes before this returns, so whoever is slow slows the member
   * down instead of filling memory.
   *
   * @param piece some bytes, only valid during the call; read-only
   * @param remaining how much of the database follows; the checksum at the end is not counted
   * @throws IOException ends the snapshot
   */
  void accept(ByteBuffer piece, long remaining) throws IOException;
}

package dev.hcp.controller.backup;

import dev.hcp.controller.plan.EtcdAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;

/** Where snapshots of etcd come from. */
public interface SnapshotSource {
  /**
   * Where one came from.
   *
   * @param member name of the member
   * @param etcdVersion version that it runs
   * @param clusterId identity of its cluster, hexadecimal
   * @param revision revision of its key-value store just before; the snapshot holds at least that
   * @param keys number of keys that there were at that revision; empty if the member did not say
   */
  record Origin(
      String member, String etcdVersion, String clusterId, long revision, OptionalLong keys) {}

  /** Takes a snapshot piece by piece. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes the next piece, and so lets the next one come.
     *
     * @param piece only valid during the call
     */
    void accept(ByteBuffer piece) throws IOException, InterruptedException;
  }

  /**
   * Streams a snapshot of the member that is best for it: the database, and then the 32 bytes of
   * etcd's own checksum, which is not looked at here.
   *
   * @param namespace of the control plane
   * @param name of the control plane
   * @param longest how long all of it may take
   * @throws SnapshotException if no member gives one
   * @throws IOException whatever the sink throws
   */
  Origin stream(String namespace, String name, EtcdAccess access, Duration longest, Sink sink)
      throws IOException, InterruptedException;
}

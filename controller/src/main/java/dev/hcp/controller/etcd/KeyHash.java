package dev.hcp.controller.etcd;

/**
 * A hash of keys and values, those of members with the same data being the same.
 *
 * @param revision up to which revision
 * @param compactRevision what was superseded by then is left out. Hashes with different ones cannot
 *     be compared
 * @param hash the hash
 */
public record KeyHash(long revision, long compactRevision, int hash) {
  /** The hash as etcd's own tool writes it. */
  String text() {
    return Integer.toUnsignedString(hash);
  }
}

package dev.hcp.controller.backup;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** etcd gave no snapshot, or none that can be used. The message is for people. */
public final class SnapshotException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** No member gave a snapshot, or not all of it. */
    NOT_GIVEN,
    /** The snapshot does not have the checksum that comes with it. */
    DAMAGED
  }

  private final Kind kind;

  /** Makes one. */
  public SnapshotException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }
}

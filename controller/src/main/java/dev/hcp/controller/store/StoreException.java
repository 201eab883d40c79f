package dev.hcp.controller.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A store did not do what it was asked for. The message is for people who run control planes. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Kinds of causes, by what has to be done about them. */
  public enum Kind {
    /** The access key is not known, or the secret does not belong to it. */
    WRONG_KEY,
    /** The identity that is wanted gives no credentials. */
    NO_CREDENTIALS,
    /** The access key may not do this. */
    ACCESS_DENIED,
    /** There is no such bucket, or it is in another region. */
    BUCKET_NOT_FOUND,
    /** Objects shall be locked, and the bucket has no object lock. */
    NO_OBJECT_LOCK,
    /** The object is locked. */
    LOCKED,
    /** The store has no room. */
    FULL,
    /** The store is not trusted, or does not speak TLS. */
    TLS,
    /** The host name is not known. */
    UNKNOWN_HOST,
    /** Nothing listens there. */
    CONNECTION_REFUSED,
    /** The connection was cut. */
    CONNECTION_LOST,
    /** There was no answer in time. */
    TIMEOUT,
    /** What arrived is not what was sent. */
    CHECKSUM,
    /** The store has a problem of its own. */
    UNAVAILABLE,
    /** The access makes no sense, or the store does not know what it was asked for. */
    OTHER;

    /** Whether the store may have done what it was asked for, and only the answer was lost. */
    public boolean leavesOpen() {
      return this == CONNECTION_LOST || this == TIMEOUT || this == UNAVAILABLE;
    }
  }

  private final Kind kind;

  /** Makes one. */
  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of cause it has. */
  public Kind kind() {
    return kind;
  }
}

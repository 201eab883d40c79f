package dev.hcp.controller.etcd;

/** A request to etcd that failed. The message names the member and is meant for people. */
public final class EtcdException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a request failed. */
  public enum Kind {
    /** No connection: unknown name, nobody there, or the connection broke. */
    UNREACHABLE,
    /** Member and controller do not accept each other's certificates. */
    UNTRUSTED,
    /** No answer in time. */
    NO_ANSWER,
    /** The member answered that it cannot, or will not; for example without a leader. */
    REFUSED,
    /** Nobody wants the answer any more. */
    CANCELLED,
    /** The controller's own certificates cannot be used. */
    CREDENTIALS
  }

  private final Kind kind;

  EtcdException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  EtcdException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Why. */
  public Kind kind() {
    return kind;
  }
}

package dev.hcp.controller.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What is told of requests to members that failed. */
final class GrpcFailures {
  private GrpcFailures() {}

  /**
   * Why a request failed.
   *
   * @param deadline how long its answer was waited for
   */
  static EtcdException of(String member, Duration deadline, StatusRuntimeException problem) {
    var status = problem.getStatus();
    var description = Optional.ofNullable(status.getDescription()).orElse("");
    // With the same codes etcd says that it has no leader, or is too slow. What it says has no
    // cause.
    boolean answered = description.startsWith("etcdserver: ");
    boolean broken = status.getCode() == Status.Code.UNAVAILABLE || problem.getCause() != null;
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && !answered) {
      return failure(
          member,
          EtcdException.Kind.NO_ANSWER,
          "no answer within %d ms".formatted(deadline.toMillis()),
          problem);
    }
    if (status.getCode() == Status.Code.CANCELLED) {
      return failure(member, EtcdException.Kind.CANCELLED, "the request was broken off", problem);
    }
    if (answered || !broken) {
      return failure(
          member,
          EtcdException.Kind.REFUSED,
          description.isEmpty() ? status.getCode().toString() : description,
          problem);
    }
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return failure(
            member,
            EtcdException.Kind.UNTRUSTED,
            "its certificate is not trusted: " + cause.getMessage(),
            problem);
      }
    }
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return failure(
            member, EtcdException.Kind.UNTRUSTED, "TLS failed: " + cause.getMessage(), problem);
      }
    }
    return failure(member, EtcdException.Kind.UNREACHABLE, innermost(problem), problem);
  }

  private static EtcdException failure(
      String member, EtcdException.Kind kind, String what, StatusRuntimeException cause) {
    return new EtcdException(kind, "member %s: %s".formatted(member, what), cause);
  }

  /** What gRPC says is mostly that something happened; what did is in the causes. */
  private static String innermost(StatusRuntimeException problem) {
    var text = String.valueOf(problem.getStatus().getDescription());
    for (var cause = problem.getCause(); cause != null; cause = cause.getCause()) {
      text = cause.getMessage() == null ? text : cause.getMessage();
    }
    return text;
  }
}

package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/** Why requests to API servers failed, for people. */
public final class Failures {
  private Failures() {}

  /**
   * What an API server said, or why there is no answer: of exceptions that only say that a request
   * failed, the innermost tells why.
   */
  public static String reason(RuntimeException failure) {
    return Optional.of(failure)
        .filter(KubernetesClientException.class::isInstance)
        .map(answer -> ((KubernetesClientException) answer).getStatus())
        .map(Status::getMessage)
        .orElseGet(() -> innermost(failure));
  }

  private static String innermost(Throwable failure) {
    var cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == failure
        ? String.valueOf(failure.getMessage())
        : "%s: %s".formatted(cause.getClass().getSimpleName(), cause.getMessage());
  }
}

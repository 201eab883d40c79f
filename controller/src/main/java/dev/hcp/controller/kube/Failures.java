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

  private static String innermost(RuntimeException failure) {
    var cause = failure.getCause();
    if (cause == null) {
      return String.valueOf(failure.getMessage());
    }
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "%s: %s".formatted(cause.getClass().getSimpleName(), cause.getMessage());
  }
}

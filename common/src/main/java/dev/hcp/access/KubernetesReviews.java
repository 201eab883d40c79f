package dev.hcp.access;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Asks the API server whose token it is, by a TokenReview, and whether they may do what they ask
 * for, by a SubjectAccessReview. The role for both is {@code config/rbac/metrics_role.yaml}.
 */
public final class KubernetesReviews implements Reviews {
  private static final String NO_RIGHT =
      "this process may not ask the API server who callers are: bind its service account to the"
          + " ClusterRole capi-hosted-control-plane-metrics-auth";

  private final Supplier<? extends KubernetesClient> client;

  /**
   * @param client asked for when somebody calls; whoever supplies it closes it
   */
  public KubernetesReviews(Supplier<? extends KubernetesClient> client) {
    this.client = client;
  }

  /**
   * What the API server says about the bearer of a token.
   *
   * @throws KubernetesClientException if it does not say
   */
  @Override
  public Verdict review(String token, Call call) {
    try {
      var asked = client.get();
      var review =
          asked
              .tokenReviews()
              .create(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
              .getStatus();
      if (review == null || !Boolean.TRUE.equals(review.getAuthenticated())) {
        return new Verdict.Unauthenticated(
            "the API server does not accept this token: it has expired, or is one for another"
                + " cluster or audience");
      }
      return authorize(asked, review.getUser(), call);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw e;
      }
      return new Verdict.Unknown(NO_RIGHT, String.valueOf(e.getMessage()));
    }
  }

  private Verdict authorize(KubernetesClient asked, UserInfo user, Call call) {
    var review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(user.getUsername())
            .withUid(user.getUid())
            .withGroups(Objects.requireNonNullElse(user.getGroups(), List.of()))
            .withExtra(Objects.requireNonNullElse(user.getExtra(), Map.of()))
            .withNewNonResourceAttributes()
            .withPath(call.path())
            .withVerb(call.verb())
            .endNonResourceAttributes()
            .endSpec()
            .build();
    var status = asked.authorization().v1().subjectAccessReview().create(review).getStatus();
    return status != null && Boolean.TRUE.equals(status.getAllowed())
        ? new Verdict.Allowed(user.getUsername())
        : new Verdict.Forbidden(
            "%s may not %s %s: bind it to the ClusterRole %s"
                .formatted(user.getUsername(), call.verb(), call.path(), call.role()));
  }
}

package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;

/** Tokens of service accounts in a hosted cluster. */
final class Tokens {
  private static final long LIFETIME_SECONDS = 3600;
  private static final Duration ACCOUNT_DEADLINE = Duration.ofMinutes(1);

  private Tokens() {}

  /** A new token, by the API, once the controller-manager has made the account if it is to. */
  static String issue(KubernetesClient hosted, String namespace, String account) {
    var resource = hosted.serviceAccounts().inNamespace(namespace).withName(account);
    await("service account %s/%s exists".formatted(namespace, account))
        .atMost(ACCOUNT_DEADLINE)
        .until(() -> resource.get() != null);
    return resource
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(LIFETIME_SECONDS)
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  /** Whom the cluster takes the bearer for; empty if it does not know them. */
  static Optional<String> whoAmI(Bed bed, HostedCluster cluster, String token) {
    var trusted = Kubeconfig.parse(bed.kubeconfig(cluster.namespace(), cluster.name()));
    // Without the administrator's certificate, which would authenticate instead.
    var config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(trusted.getMasterUrl())
            .withCaCertData(trusted.getCaCertData())
            .withOauthToken(token)
            .build();
    return whoAmI(config);
  }

  /** Whom a cluster takes the user of a configuration for; empty if it does not know them. */
  static Optional<String> whoAmI(Config config) {
    try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
      var review = client.resource(new SelfSubjectReview()).create();
      return Optional.of(review.getStatus().getUserInfo().getUsername());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}

package dev.hcp.webhook.lookup;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.time.Duration;

/** How this process talks to an API server. */
final class Clients {
  private static final String USER_AGENT = "hosted-control-plane-webhook";

  private Clients() {}

  /**
   * A client of a cluster.
   *
   * @param deadline of each request; there is no time for another attempt
   */
  static KubernetesClient open(Config cluster, Duration deadline) {
    var config =
        new ConfigBuilder(cluster)
            .withConnectionTimeout((int) deadline.toMillis())
            .withRequestTimeout((int) deadline.toMillis())
            .withRequestRetryBackoffLimit(0)
            .withUserAgent(USER_AGENT)
            .build();
    return new KubernetesClientBuilder()
        .withHttpClientFactory(new JdkHttpClientFactory())
        .withConfig(config)
        .build();
  }
}

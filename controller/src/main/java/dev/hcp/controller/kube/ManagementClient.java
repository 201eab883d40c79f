package dev.hcp.controller.kube;

import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.Api;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.time.Duration;

/** Opens clients of the management cluster. */
public final class ManagementClient {
  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(5);

  /** Deadline of a request unless its caller has a reason for another. */
  public static final Duration REQUEST_DEADLINE = Duration.ofSeconds(10);

  private ManagementClient() {}

  /**
   * Opens a client of the cluster that the environment names: the one that this process runs in, or
   * that of {@code KUBECONFIG}.
   *
   * @param requestDeadline after which a request without an answer fails
   */
  public static KubernetesClient open(Duration requestDeadline, ControllerMetrics metrics) {
    return open(Config.autoConfigure(null), requestDeadline, metrics);
  }

  /** Opens a client of a given cluster. */
  public static KubernetesClient open(
      Config cluster, Duration requestDeadline, ControllerMetrics metrics) {
    var config =
        new ConfigBuilder(cluster)
            .withConnectionTimeout((int) CONNECT_DEADLINE.toMillis())
            .withRequestTimeout((int) requestDeadline.toMillis())
            // The deadline counts for each attempt, and every caller tries again by itself.
            .withRequestRetryBackoffLimit(0)
            .withUserAgent(Labels.MANAGER)
            .build();
    return new KubernetesClientBuilder()
        .withHttpClientFactory(new JdkHttpClientFactory())
        .withHttpClientBuilderConsumer(http ->
            http.addOrReplaceInterceptor(
                RequestMeter.NAME, new RequestMeter(Api.MANAGEMENT, metrics)))
        .withConfig(config)
        .build();
  }
}

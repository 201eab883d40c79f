package dev.hcp.webhook.lookup;

import dev.hcp.access.Call;
import dev.hcp.access.KubernetesReviews;
import dev.hcp.access.Reviews;
import dev.hcp.access.Verdict;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cluster that this process runs in, or that of {@code KUBECONFIG}, who callers are. Opens
 * its client when somebody calls: many installations have nobody who does, and admission waits for
 * nothing.
 */
public final class CallerReviews implements Reviews, AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private final KubernetesReviews reviews = new KubernetesReviews(this::client);
  private @Nullable KubernetesClient client;
  private boolean closed;

  @Override
  public Verdict review(String token, Call call) {
    return reviews.review(token, call);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }

  private synchronized KubernetesClient client() {
    if (closed) {
      throw new IllegalStateException("the process is ending");
    }
    if (client == null) {
      client = Clients.open(Config.autoConfigure(null), DEADLINE);
    }
    return client;
  }
}

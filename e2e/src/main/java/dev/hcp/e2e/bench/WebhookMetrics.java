package dev.hcp.e2e.bench;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.cluster.PodMemory;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.cluster.Scraper;
import dev.hcp.process.Authorities;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** What the management cluster says about the webhook. */
final class WebhookMetrics {
  private static final long MEBIBYTE = 1 << 20;
  private static final String SERVICE = "capi-hosted-control-plane-webhook-service";
  private static final String SERVER_NAME = "%s.%s.svc".formatted(SERVICE, Provider.NAMESPACE);
  private static final String SECRET = SERVICE + "-certificate";
  private static final String READER = "metrics-bench";
  private static final int PORT = 8443;
  private static final Pattern BUCKET =
      Pattern.compile(
          "apiserver_admission_webhook_admission_duration_seconds_bucket\\{name=\"[a-z]*\\.hostedcontrolplane\\..*,le=\"([^\"]+)\"} (\\d+)");
  private static final Pattern RELOADS =
      Pattern.compile("hcp_tls_certificate_reloads_total\\{result=\"success\"} (\\d+)\\.0");

  /**
   * A histogram.
   *
   * @param counts how many took no longer, by seconds
   */
  record Histogram(Map<Double, Long> counts) {
    Histogram minus(Histogram earlier) {
      var result = new TreeMap<Double, Long>();
      counts.forEach(
          (bound, count) -> result.put(bound, count - earlier.counts.getOrDefault(bound, 0L)));
      return new Histogram(result);
    }

    long count() {
      return counts.getOrDefault(Double.POSITIVE_INFINITY, 0L);
    }

    /** The lowest bound that the given part, between 0 and 1, does not exceed. */
    String quantile(double part) {
      return counts.entrySet().stream()
          .filter(entry -> entry.getValue() >= part * count())
          .min(Map.Entry.comparingByKey())
          .map(entry -> "%.0f ms".formatted(entry.getKey() * 1000))
          .orElse("?");
    }
  }

  private final KubernetesClient client;
  private final Scraper scraper;

  WebhookMetrics(KubernetesClient client) {
    this.client = client;
    this.scraper = new Scraper(client);
    makeReader();
  }

  /** The names of its pods. */
  List<String> pods() {
    return client
        .pods()
        .inNamespace(Provider.NAMESPACE)
        .withLabel("control-plane", "webhook")
        .list()
        .getItems()
        .stream()
        .map(pod -> pod.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** How long the API server has waited for it, since the API server runs. */
  Histogram durations() {
    var counts = new TreeMap<Double, Long>();
    find(BUCKET, get("/metrics"))
        .forEach(match ->
            counts.merge(
                match.group(1).equals("+Inf")
                    ? Double.POSITIVE_INFINITY
                    : Double.parseDouble(match.group(1)),
                Long.parseLong(match.group(2)),
                Long::sum));
    return new Histogram(counts);
  }

  /** How often a pod has loaded a renewed certificate. */
  long reloads(String pod) {
    var target = new Scraper.Target(Provider.NAMESPACE, pod, PORT, SERVER_NAME);
    try {
      var answer =
          scraper.scrape(
              target, authority(), Optional.of(scraper.token(Provider.NAMESPACE, READER)));
      if (answer.status() != HttpURLConnection.HTTP_OK) {
        throw new BedException("%s: %d: %s".formatted(pod, answer.status(), answer.body()));
      }
      return reloadsIn(answer.body());
    } catch (IOException | GeneralSecurityException e) {
      throw new BedException("cannot read metrics of %s: %s".formatted(pod, e.getMessage()), e);
    }
  }

  private static long reloadsIn(String page) {
    return find(RELOADS, page).mapToLong(match -> Long.parseLong(match.group(1))).sum();
  }

  private SSLContext authority() throws GeneralSecurityException {
    return Authorities.trusting(scraper.secretText(Provider.NAMESPACE, SECRET, "ca.crt"));
  }

  /** A service account that may read metrics. */
  private void makeReader() {
    var account =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(READER)
            .withNamespace(Provider.NAMESPACE)
            .endMetadata()
            .build();
    var binding =
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(READER)
            .endMetadata()
            .withNewRoleRef()
            .withApiGroup("rbac.authorization.k8s.io")
            .withKind("ClusterRole")
            .withName("capi-hosted-control-plane-metrics-reader")
            .endRoleRef()
            .addNewSubject()
            .withKind("ServiceAccount")
            .withName(READER)
            .withNamespace(Provider.NAMESPACE)
            .endSubject()
            .build();
    var _ = client.resource(account).serverSideApply();
    var _ = client.resource(binding).serverSideApply();
  }

  /** The memory that each pod uses, in MiB. */
  Map<String, Long> memory() {
    var result = new TreeMap<>(PodMemory.workingSets(client, Provider.NAMESPACE));
    result.keySet().retainAll(pods());
    result.replaceAll((_, bytes) -> bytes / MEBIBYTE);
    return result;
  }

  private String get(String path) {
    return Objects.requireNonNull(client.raw(path), () -> "nothing at " + path);
  }

  private static Stream<Matcher> find(Pattern pattern, String page) {
    return page.lines().map(pattern::matcher).filter(Matcher::matches);
  }
}

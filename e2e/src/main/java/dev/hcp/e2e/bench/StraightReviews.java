package dev.hcp.e2e.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.cluster.Provider;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/**
 * Asks the webhook itself as the API server does: through a Service, by HTTP/1.1 over connections
 * that are kept, trusting its CA only; in turn to default and to validate the creation of a
 * HostedControlPlane.
 */
final class StraightReviews implements Callable<String>, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ADDRESS_DEADLINE = Duration.ofMinutes(1);

  /** What the shipped webhook configurations give the webhook. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final List<String> STAGES = List.of("mutate", "validate");

  private final KubernetesClient client;
  private final Service service;
  private final HttpClient http;
  private final List<URI> paths;
  private final String object;
  private final AtomicLong asked = new AtomicLong();

  private StraightReviews(
      KubernetesClient client, Service service, HttpClient http, String object) {
    this.client = client;
    this.service = service;
    this.http = http;
    this.object = object;
    var address = service.getStatus().getLoadBalancer().getIngress().getFirst().getIp();
    this.paths =
        STAGES.stream()
            .map(stage ->
                URI.create(
                    "https://%s/%s-%s-%s-hostedcontrolplane"
                        .formatted(
                            address,
                            stage,
                            HostedControlPlane.GROUP.replace('.', '-'),
                            HostedControlPlane.VERSION)))
            .toList();
  }

  /**
   * Makes the webhook reachable from this machine, until this is closed.
   *
   * @param secret name of the Secret with the serving certificate
   * @param object what is to be created, defaulted
   */
  static StraightReviews open(
      KubernetesClient client, String secret, GenericKubernetesResource object) {
    var wanted =
        new ServiceBuilder()
            .withNewMetadata()
            .withName("webhook-bench")
            .withNamespace(Provider.NAMESPACE)
            .endMetadata()
            .withNewSpec()
            .withType("LoadBalancer")
            .withSelector(Map.of("control-plane", "webhook"))
            .addNewPort()
            .withPort(443)
            .withNewTargetPort("webhook")
            .endPort()
            .endSpec()
            .build();
    var _ = client.resource(wanted).serverSideApply();
    var reachable =
        client
            .resource(wanted)
            .waitUntilCondition(
                StraightReviews::hasAddress, ADDRESS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
    var http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .sslContext(trustingAuthority(client, secret))
            .build();
    try {
      return new StraightReviews(client, reachable, http, JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new BedException("cannot write what is reviewed: " + e.getMessage(), e);
    }
  }

  /**
   * Asks once.
   *
   * @return the answer, which allows the creation
   * @throws BedException if it does not
   * @throws IOException if there is no answer
   */
  @Override
  public String call() throws IOException, InterruptedException {
    long number = asked.getAndIncrement();
    var review =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
          "uid": "%d", "operation": "CREATE", "namespace": "default", "name": "", "dryRun": true,
          "kind": {"group": "%s", "version": "%s", "kind": "%s"},
          "resource": {"group": "%2$s", "version": "%3$s", "resource": "hostedcontrolplanes"},
          "userInfo": {"username": "kubernetes-admin"}, "object": %s, "oldObject": null}}
        """
            .formatted(
                number,
                HostedControlPlane.GROUP,
                HostedControlPlane.VERSION,
                HostedControlPlane.KIND,
                object);
    var request =
        HttpRequest.newBuilder(paths.get((int) (number % paths.size())))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(review))
            .build();
    var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    var response = JSON.readTree(answer.body()).path("response");
    if (answer.statusCode() != 200
        || !response.path("allowed").asBoolean()
        || !response.path("uid").asText().equals(Long.toString(number))) {
      throw new BedException("%d: %s".formatted(answer.statusCode(), answer.body()));
    }
    return answer.body();
  }

  @Override
  public void close() {
    http.close();
    var _ = client.resource(service).delete();
  }

  private static boolean hasAddress(Service service) {
    return service != null
        && service.getStatus() != null
        && service.getStatus().getLoadBalancer() != null
        && !service.getStatus().getLoadBalancer().getIngress().isEmpty();
  }

  private static SSLContext trustingAuthority(KubernetesClient client, String secret) {
    var found = client.secrets().inNamespace(Provider.NAMESPACE).withName(secret).get();
    var authority = Objects.requireNonNull(found, secret).getData().get("ca.crt");
    return ChainOnly.context(
        new String(Base64.getDecoder().decode(authority), StandardCharsets.US_ASCII));
  }
}

package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A real API server takes all objects that are rendered for a spec that CRD and webhook accept.
 * Specs are made at random; {@code -Dfuzz.rendered=N} tries more of them.
 */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AcceptedSpecsIT {
  private static final int RENDERED = Integer.getInteger("fuzz.rendered", 80);
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 1L);

  /** What a server says of Services whose addresses it has not: that depends on the cluster. */
  private static final List<String> OF_OTHER_ADDRESSES =
      List.of(
          "not configured on this cluster",
          "not configured for dual-stack services",
          "is not in the valid range");

  private final AcceptedSpecs specs = new AcceptedSpecs();
  private final KubernetesClient client;

  /** Most objects are the same for many specs. */
  private final Set<String> tried = new HashSet<>();

  AcceptedSpecsIT(ManagementApiServer server) {
    client = server.client();
  }

  @BeforeAll
  void prepare() {
    for (var definition : Crds.values()) {
      definition.install(client);
    }
    Namespaces.apply(client, "clusters");
    // What other tests have left has fields of theirs, which a dry run would go on with.
    for (var namespace : List.of("clusters", "kube-system")) {
      client.services().inNamespace(namespace).delete();
      client.apps().deployments().inNamespace(namespace).delete();
      client.apps().daemonSets().inNamespace(namespace).delete();
      client.apps().statefulSets().inNamespace(namespace).delete();
    }
  }

  @AfterAll
  void close() {
    client.close();
  }

  @Test
  void theApiServerTakesAllObjects() {
    var refusals = new ArrayList<String>();
    int rendered = 0;
    long seed = FIRST_SEED;
    for (; rendered < RENDERED; seed++) {
      var object = specs.object(seed);
      var stored =
          specs.isAccepted(object) ? stored(object) : Optional.<Map<String, Object>>empty();
      if (stored.isPresent()) {
        rendered++;
        for (var desired : AcceptedSpecs.rendered(stored.get())) {
          for (var refusal : refusal(desired)) {
            refusals.add(
                "Seed %d, %s %s: %s"
                    .formatted(seed, desired.getKind(), desired.getMetadata().getName(), refusal));
          }
        }
      }
    }
    System.out.printf(
        "%d specs, of which %d were accepted; %d different objects were tried%n",
        seed - FIRST_SEED, rendered, tried.size());
    assertThat(refusals).isEmpty();
  }

  /** What would be stored of an object, without unknown fields; empty if the CRD refuses it. */
  private Optional<Map<String, Object>> stored(Map<String, Object> object) {
    try {
      return Optional.of(
          Manifests.map(
              client.raw(
                  "/apis/controlplane.cluster.x-k8s.io/v1alpha1/namespaces/clusters/hostedcontrolplanes"
                      + "?dryRun=All",
                  "POST",
                  object)));
    } catch (KubernetesClientException e) {
      assertThat(e.getCode()).as(e.getMessage()).isBetween(400, 499);
      return Optional.empty();
    }
  }

  private List<String> refusal(HasMetadata desired) {
    if (!tried.add(Manifests.write(desired))) {
      return List.of();
    }
    try {
      var _ = client.resource(desired).dryRun().forceConflicts().serverSideApply();
      return List.of();
    } catch (KubernetesClientException e) {
      var message = String.valueOf(e.getMessage());
      if (OF_OTHER_ADDRESSES.stream().anyMatch(message::contains)) {
        return List.of();
      }
      return List.of(message.substring(0, Math.min(message.length(), 2000)));
    }
  }
}

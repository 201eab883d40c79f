package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Secrets and ConfigMaps that specs name are followed, with the rights that the controller has. */
@WithManagementApiServer
final class NamedWatchesIT {
  private static final String NAMESPACE = "secret-watches";
  private static final ObjectReference TOKEN = ObjectReference.secret(NAMESPACE, "token");
  private static final ObjectReference POLICY = ObjectReference.configMap(NAMESPACE, "policy");
  private static final Duration SOON = Duration.ofSeconds(30);

  private final KubernetesClient admin;
  private final KubernetesClient controller;
  private final List<String> woken = new CopyOnWriteArrayList<>();
  private final NamedWatches watches;

  NamedWatchesIT(ManagementApiServer server) {
    admin = server.client();
    controller = server.controllerClient();
    watches = new NamedWatches(controller, (_, name) -> woken.add(name));
  }

  @BeforeEach
  void makeNamespace() {
    Namespaces.apply(admin, NAMESPACE);
  }

  @AfterEach
  void close() {
    watches.close();
    admin.close();
    controller.close();
  }

  @Test
  void whatIsNamedIsKnownAndWakesWhoeverNamesIt() {
    watches.follow(NAMESPACE, "a", List.of(TOKEN));
    await().atMost(SOON).until(() -> watches.last(NAMESPACE, "a").containsKey(TOKEN));
    assertThat(watches.last(NAMESPACE, "a")).isEqualTo(Map.of(TOKEN, Optional.empty()));
    assertThat(watches.last(NAMESPACE, "b")).isEmpty();
    await().atMost(SOON).until(() -> woken.contains("a"));

    watches.follow(NAMESPACE, "b", List.of(TOKEN));
    woken.clear();
    put("Zmlyc3Q=");
    await()
        .atMost(SOON)
        .until(() -> value("a").equals("Zmlyc3Q=") && value("b").equals("Zmlyc3Q="));
    await().atMost(SOON).until(() -> woken.containsAll(List.of("a", "b")));

    watches.forget(NAMESPACE, "a");
    woken.clear();
    put("c2Vjb25k");
    await().atMost(SOON).until(() -> value("b").equals("c2Vjb25k"));
    assertThat(watches.last(NAMESPACE, "a")).isEmpty();
    await().atMost(SOON).until(() -> woken.contains("b"));
    assertThat(woken).doesNotContain("a");

    var _ = admin.secrets().inNamespace(NAMESPACE).withName("token").delete();
    await()
        .atMost(SOON)
        .until(() -> watches.last(NAMESPACE, "b").equals(Map.of(TOKEN, Optional.empty())));
  }

  @Test
  void ofAConfigMapTheKeysAreKnown() {
    watches.follow(NAMESPACE, "a", List.of(POLICY));
    await()
        .atMost(SOON)
        .until(() -> watches.last(NAMESPACE, "a").equals(Map.of(POLICY, Optional.empty())));
    woken.clear();
    var _ =
        admin
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(NAMESPACE)
                    .withName("policy")
                    .endMetadata()
                    .addToData("a", "much")
                    .addToBinaryData("b", "bW9yZQ==")
                    .build())
            .forceConflicts()
            .serverSideApply();
    await().atMost(SOON).until(() -> woken.contains("a"));
    var known = (ConfigMap) watches.last(NAMESPACE, "a").get(POLICY).orElseThrow();
    assertThat(known.getData()).isEqualTo(Map.of("a", ""));
    assertThat(known.getBinaryData()).isEqualTo(Map.of("b", ""));
  }

  private String value(String name) {
    return watches
        .last(NAMESPACE, name)
        .getOrDefault(TOKEN, Optional.empty())
        .map(secret -> ((Secret) secret).getData().get("token"))
        .orElse("");
  }

  private void put(String token) {
    var _ =
        admin
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace(NAMESPACE)
                    .withName("token")
                    .endMetadata()
                    .addToData("token", token)
                    .build())
            .forceConflicts()
            .serverSideApply();
  }
}

package dev.hcp.controller.testing;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The CustomResourceDefinitions that a management cluster has. */
public enum Crds {
  /** Ours, as shipped. */
  HOSTED_CONTROL_PLANES,
  /** Ours, as shipped. */
  RESTORES,
  /** Cluster API. */
  CLUSTERS,
  /** Cluster API, as far as machines are looked at. */
  MACHINEDEPLOYMENTS,
  /** Cluster API, as far as machines are looked at. */
  MACHINES,
  /** cert-manager. */
  CERTIFICATES,
  /** cert-manager. */
  ISSUERS,
  /** Gateway API. */
  GATEWAYS,
  /** Gateway API, served as v1 and v1alpha2. */
  TLSROUTES,
  /** Cilium, as far as its policies are used here. */
  CILIUMNETWORKPOLICIES,
  /** The Vertical Pod Autoscaler, as far as it is used here. */
  VERTICALPODAUTOSCALERS,
  /** Gateway API. */
  LISTENERSETS,
  /** Gateway API, served as v1 and v1alpha2. */
  TCPROUTES,
  /** An infrastructure provider. */
  TESTCLUSTERS;

  private static final String SHIPPED = "../config/crd/%s.controlplane.cluster.x-k8s.io.yaml";

  /** Installs a definition, unless it is there, and waits until it is served. */
  public void install(KubernetesClient client) {
    var definitions = client.apiextensions().v1().customResourceDefinitions();
    var definition = read(client);
    if (definitions.withName(definition.getMetadata().getName()).get() == null) {
      var _ = definitions.resource(definition).create();
    }
    var _ =
        definitions
            .withName(definition.getMetadata().getName())
            .waitUntilCondition(Crds::isEstablished, 60, TimeUnit.SECONDS);
  }

  /** The definition, to be changed before use. */
  public CustomResourceDefinition read(KubernetesClient client) {
    return client
        .getKubernetesSerialization()
        .unmarshal(
            switch (this) {
              case HOSTED_CONTROL_PLANES -> shipped("hostedcontrolplanes");
              case RESTORES -> shipped("hostedcontrolplanerestores");
              default -> resource();
            },
            CustomResourceDefinition.class);
  }

  private static String shipped(String plural) {
    var file = Path.of(SHIPPED.formatted(plural));
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file.toAbsolutePath(), e);
    }
  }

  private String resource() {
    var name = "/crds/%s.yaml".formatted(name().toLowerCase(Locale.ROOT));
    try (var stream = Crds.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is not among the test resources");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  static boolean isEstablished(CustomResourceDefinition definition) {
    return definition != null
        && definition.getStatus() != null
        && definition.getStatus().getConditions() != null
        && definition.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Established") && condition.getStatus().equals("True"));
  }
}

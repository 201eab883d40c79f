package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.testing.Binaries;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code clusterctl move} takes along all that a control plane cannot be without. */
final class MoveIT {
  private static final int DEADLINE_SECONDS = 120;
  private static final String CLUSTER_API = "cluster.x-k8s.io/v1beta2";

  @TempDir private Path folder;

  @Test
  void keysAndRecordsArriveOnTheOtherSideAndBelongToTheMovedControlPlane() throws Exception {
    try (var here = ManagementApiServer.start();
        var there = ManagementApiServer.start();
        var from = here.client();
        var to = there.client()) {
      prepare(from);
      prepare(to);
      var generated = generate(from);
      assertThat(generated)
          .containsKeys(
              "Secret demo-kubeconfig",
              "Secret demo-sa",
              "Secret demo-root-keys",
              "Secret demo-encryption",
              "ConfigMap demo-etcd-identity",
              "ConfigMap demo-etcd-membership");

      assertThat(clusterctl(here, there, "--dry-run"))
          .contains("HostedControlPlane", "demo-root-keys");
      var output = clusterctl(here, there);

      var moved = to.resources(HostedControlPlane.class).inNamespace(World.NAMESPACE);
      var object = moved.withName(World.NAME).get();
      assertThat(object).as(output).isNotNull();
      assertThat(object.getSpec().version()).isEqualTo("v1.36.3");
      assertThat(object.getStatus()).isNull();
      var uid = object.getMetadata().getUid();
      for (var type : List.<Class<? extends HasMetadata>>of(Secret.class, ConfigMap.class)) {
        for (var arrived : to.resources(type).inNamespace(World.NAMESPACE).list().getItems()) {
          var name = arrived.getKind() + " " + arrived.getMetadata().getName();
          if (generated.containsKey(name)) {
            assertThat(data(arrived)).as(name).isEqualTo(generated.remove(name));
            assertThat(arrived.getMetadata().getOwnerReferences())
                .as(name)
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid));
            assertThat(arrived.getMetadata().getLabels())
                .as("or nobody would see it")
                .containsEntry(Labels.CLUSTER_NAME, World.NAME)
                .containsEntry(Labels.MANAGED_BY, Labels.MANAGER);
          }
        }
      }
      assertThat(generated).as("what did not arrive").isEmpty();
      assertThat(
              from.resources(HostedControlPlane.class)
                  .inNamespace(World.NAMESPACE)
                  .withName(World.NAME)
                  .get())
          .isNull();
    }
  }

  private static void prepare(KubernetesClient client) {
    for (var crd : List.of(Crds.HOSTED_CONTROL_PLANES, Crds.RESTORES, Crds.CLUSTERS)) {
      crd.install(client);
    }
    // Ours have the label as they are shipped; Cluster API's gets it from clusterctl.
    var _ =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName("clusters.cluster.x-k8s.io")
            .edit(definition ->
                definition
                    .edit()
                    .editMetadata()
                    .addToLabels("clusterctl.cluster.x-k8s.io", "")
                    .endMetadata()
                    .build());
    Namespaces.apply(client, World.NAMESPACE);
  }

  /** What a controller has made: Secrets and ConfigMaps by kind and name, with what is in them. */
  private static Map<String, Object> generate(KubernetesClient client) {
    var cluster =
        Manifests.fromMap(
            Manifests.map(
                """
                apiVersion: cluster.x-k8s.io/v1beta2
                kind: Cluster
                metadata: {name: demo, namespace: clusters}
                spec:
                  controlPlaneRef:
                    apiGroup: controlplane.cluster.x-k8s.io
                    kind: HostedControlPlane
                    name: demo
                """),
            GenericKubernetesResource.class);
    var owner = client.resource(cluster).create();
    owner.setAdditionalProperty(
        "status",
        Manifests.map(
            """
            initialization: {infrastructureProvisioned: true, controlPlaneInitialized: true}
            conditions:
            - type: ControlPlaneInitialized
              status: "True"
              reason: Initialized
              lastTransitionTime: "2026-01-01T00:00:00Z"
            """));
    var _ = client.resource(owner).updateStatus();

    var world = World.settledSample();
    var object = Manifests.copy(world.object());
    forgetPlace(object);
    object
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(CLUSTER_API)
                    .withKind("Cluster")
                    .withName(World.NAME)
                    .withUid(owner.getMetadata().getUid())
                    .build()));
    var uid = client.resource(object).create().getMetadata().getUid();
    var generated = new TreeMap<String, Object>();
    for (var type : List.<Class<? extends HasMetadata>>of(Secret.class, ConfigMap.class)) {
      for (var found : world.cluster.all(type)) {
        var owners = found.getMetadata().getOwnerReferences();
        if (owners.stream().noneMatch(o -> o.getKind().equals(HostedControlPlane.KIND))) {
          continue;
        }
        var copy = Manifests.copy(found);
        forgetPlace(copy);
        copy.getMetadata().getOwnerReferences().forEach(reference -> reference.setUid(uid));
        var created = client.resource(copy).create();
        generated.put(created.getKind() + " " + created.getMetadata().getName(), data(created));
      }
    }
    return generated;
  }

  private static void forgetPlace(HasMetadata object) {
    object.getMetadata().setUid(null);
    object.getMetadata().setResourceVersion(null);
    object.getMetadata().setGeneration(null);
  }

  private static Object data(HasMetadata object) {
    return switch (object) {
      case Secret secret -> secret.getData();
      case ConfigMap map -> map.getData();
      default -> throw new IllegalArgumentException(object.getKind());
    };
  }

  private String clusterctl(ManagementApiServer from, ManagementApiServer to, String... more)
      throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                Binaries.CLUSTERCTL.path().toString(),
                "move",
                "--kubeconfig=" + kubeconfig("from", from.config()),
                "--to-kubeconfig=" + kubeconfig("to", to.config()),
                "--namespace=" + World.NAMESPACE,
                "-v=5"));
    command.addAll(List.of(more));
    var output = folder.resolve("clusterctl.log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("XDG_CONFIG_HOME", folder.toString());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("CLUSTERCTL_DISABLE_VERSIONCHECK", "true");
    var process = builder.start();
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    var text = Files.readString(output);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  private Path kubeconfig(String name, Config config) throws IOException {
    return Files.writeString(
        folder.resolve(name + ".kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: a, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: a, user: {token: "%s"}}]
        contexts: [{name: a, context: {cluster: a, user: a}}]
        current-context: a
        """
            .formatted(config.getMasterUrl(), config.getCaCertFile(), config.getOauthToken()),
        StandardCharsets.UTF_8);
  }
}

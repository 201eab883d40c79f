package dev.hcp.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may lay hands on what the controller generates. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtectionIT {
  private static final String NAMESPACE = "protection";
  private static final String ALLOW = "controlplane.cluster.x-k8s.io/allow-manual-changes";
  private static final String MASTERS = "system:masters";
  private static final Path POLICIES = Path.of("../config/protection");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/minimal");
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final ManagementApiServer server;
  private final KubernetesClient admin;
  private final KubernetesClient controller;

  ProtectionIT(ManagementApiServer server) {
    this.server = server;
    this.admin = server.client();
    this.controller = as("system:serviceaccount:anywhere:capi-hosted-control-plane-manager");
  }

  @BeforeAll
  void install() throws IOException {
    for (var file : List.of("generated_objects.yaml", "scaling.yaml")) {
      try (var manifest = Files.newInputStream(POLICIES.resolve(file))) {
        admin
            .load(manifest)
            .items()
            .forEach(item -> {
              var _ = admin.resource(item).forceConflicts().serverSideApply();
            });
      }
    }
    Namespaces.apply(admin, NAMESPACE);
    generate();
    Awaitility.await("the policies are enforced")
        .atMost(DEADLINE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          generate();
          assertRefused(() -> patch(admin, configMap(), changeOfData()), "");
          assertRefused(() -> scale(admin, 7), "");
        });
  }

  @AfterAll
  void remove() throws IOException {
    for (var file : List.of("generated_objects.yaml", "scaling.yaml")) {
      try (var manifest = Files.newInputStream(POLICIES.resolve(file))) {
        var _ = admin.load(manifest).delete();
      }
    }
    Awaitility.await("the policies, which would meet other tests, are enforced no more")
        .atMost(DEADLINE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          generate();
          assertAllowed(() -> patch(admin, configMap(), changeOfData()));
          assertAllowed(() -> scale(admin, 7));
        });
    controller.close();
    admin.close();
  }

  @BeforeEach
  void generate() {
    for (var file :
        List.of(
            "deployment-demo-api-server", "secret-demo-ca-bundle", "configmap-demo-konnectivity")) {
      var _ = controller.resource(golden(file)).forceConflicts().serverSideApply();
    }
    var _ = controller.resource(claim()).forceConflicts().serverSideApply();
  }

  @Test
  void administratorsAreToldWhatToChangeInstead() {
    assertRefused(
        () -> admin.resource(deployment()).delete(),
        "Deployment demo-api-server belongs to the control plane of Cluster demo and is kept up by"
            + " its controller: change spec.deployment.apiServer of the HostedControlPlane instead."
            + " In an emergency, allow it first: kubectl annotate deployments.apps demo-api-server"
            + " --namespace protection "
            + ALLOW
            + "=true");
    assertRefused(
        () -> admin.resource(configMap()).delete(), "spec.deployment.apiServer.konnectivity");
    assertRefused(
        () -> admin.resource(secret()).delete(), "kubectl annotate secrets demo-ca-bundle");
    assertRefused(() -> patch(admin, deployment(), "{'spec': {'replicas': 1}}"), "");
    assertRefused(() -> patch(admin, secret(), "{'stringData': {'mine': 'x'}}"), "");
    assertRefused(() -> patch(admin, configMap(), "{'data': {'mine': 'x'}}"), "");
    assertRefused(() -> patch(admin, configMap(), "{'data': null}"), "");
    assertRefused(() -> scale(admin, 1), "change spec.replicas of the HostedControlPlane instead");
  }

  @Test
  void whatTiesAnObjectToItsControlPlaneStays() {
    assertRefused(
        () ->
            patch(
                admin,
                configMap(),
                "{'metadata': {'labels': {'cluster.x-k8s.io/cluster-name': null}}}"),
        "");
    assertRefused(
        () ->
            patch(
                admin,
                configMap(),
                "{'metadata': {'labels': {'app.kubernetes.io/managed-by': 'me'}}}"),
        "");
    assertRefused(() -> patch(admin, configMap(), "{'metadata': {'ownerReferences': null}}"), "");
  }

  @Test
  void clusterctlDeletesWhatItHasMoved() {
    patch(
        admin,
        secret(),
        "{'metadata': {'annotations': {'clusterctl.cluster.x-k8s.io/delete-for-move': ''}}}");
    assertRefused(() -> patch(admin, secret(), "{'stringData': {'mine': 'x'}}"), "");
    assertAllowed(() -> admin.resource(secret()).delete());
  }

  @Test
  void otherMetadataAreEverybodys() {
    assertAllowed(() ->
        patch(
            admin,
            configMap(),
            "{'metadata': {'labels': {'a': 'b'}, 'annotations': {'a': 'b'}, 'finalizers':"
                + " ['a.b/c']}}"));
    assertAllowed(() -> patch(admin, configMap(), "{'metadata': {'finalizers': null}}"));
  }

  @Test
  void dataOfEtcdAreNotDeletedByMistake() {
    assertRefused(() -> admin.resource(claim()).delete(), "change spec.etcd of the");
    assertRefused(
        () ->
            patch(
                admin, claim(), "{'metadata': {'labels': {'app.kubernetes.io/managed-by': null}}}"),
        "");
    try (var provisioner = as("system:serviceaccount:csi:provisioner")) {
      assertRefused(() -> provisioner.resource(claim()).delete(), "");
      assertAllowed(() ->
          patch(
              provisioner,
              claim(),
              "{'metadata': {'annotations': {'volume.kubernetes.io/selected-node': 'a'}}}"));
      assertAllowed(() -> {
        var _ =
            provisioner
                .resource(claim())
                .subresource("status")
                .patch(
                    PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"Lost\"}}");
      });
    }
  }

  @Test
  void volumesOfEtcdAreEnlargedByTheControllerAlone() {
    var _ =
        admin
            .resource(
                new StorageClassBuilder()
                    .withNewMetadata()
                    .withName("of-protected-volumes")
                    .endMetadata()
                    .withProvisioner("example.com/disks")
                    .withAllowVolumeExpansion(true)
                    .build())
            .create();
    var growing =
        claim()
            .edit()
            .editMetadata()
            .withName("etcd-data-demo-etcd-1")
            .endMetadata()
            .editSpec()
            .withStorageClassName("of-protected-volumes")
            .withVolumeName("pv-1")
            .endSpec()
            .build();
    var _ = controller.resource(growing).create();
    var _ =
        admin
            .resource(growing)
            .subresource("status")
            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"Bound\"}}");
    var larger = "{'spec': {'resources': {'requests': {'storage': '20Gi'}}}}";
    assertRefused(() -> patch(admin, growing, larger), "change spec.etcd of the");
    assertAllowed(() -> patch(controller, growing, larger));
  }

  @Test
  void aRestartIsAllowedAndNothingBesides() {
    var annotations = "{'spec': {'template': {'metadata': {'annotations': {%s}}}}}";
    assertAllowed(() ->
        patch(
            admin,
            deployment(),
            annotations.formatted("'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z'")));
    assertRefused(
        () -> patch(admin, deployment(), annotations.formatted("'example.com/other': 'x'")), "");
  }

  @Test
  void theAnnotationAllowsEverything() {
    assertAllowed(() ->
        patch(
            admin, configMap(), "{'metadata': {'annotations': {'%s': 'true'}}}".formatted(ALLOW)));
    assertAllowed(() -> patch(admin, configMap(), "{'data': {'a': 'b'}}"));
    assertAllowed(() -> admin.resource(configMap()).delete());
    assertAllowed(() ->
        patch(
            admin,
            deployment(),
            "{'metadata': {'annotations': {'%s': 'true'}}, 'spec': {'replicas': 1}}"
                .formatted(ALLOW)));
    assertAllowed(() -> admin.resource(deployment()).delete());
  }

  @Test
  void anotherValueOfTheAnnotationAllowsNothing() {
    patch(admin, configMap(), "{'metadata': {'annotations': {'%s': 'false'}}}".formatted(ALLOW));
    assertRefused(() -> admin.resource(configMap()).delete(), "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:serviceaccount:kube-system:namespace-controller",
        "system:kube-controller-manager",
        "system:serviceaccount:elsewhere:capi-hosted-control-plane-manager"
      })
  void whoKeepsTheClusterGoingIsNotHeldUp(String user) {
    try (var client = as(user)) {
      assertAllowed(() -> patch(client, deployment(), "{'spec': {'replicas': 1}}"));
      assertAllowed(() -> scale(client, 2));
      assertAllowed(() -> client.resource(deployment()).delete());
      assertAllowed(() -> client.resource(secret()).delete());
    }
  }

  @Test
  void otherControllersMayFillInSecretsOnly() {
    try (var client = as("system:serviceaccount:cert-manager:cert-manager")) {
      assertAllowed(() -> patch(client, secret(), "{'stringData': {'a': 'b'}}"));
      assertRefused(() -> client.resource(secret()).delete(), "");
      assertRefused(() -> patch(client, configMap(), "{'data': {'a': 'b'}}"), "");
    }
  }

  @Test
  void whatIsOthersIsNotProtected() {
    var own =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("own")
            .withNamespace(NAMESPACE)
            .addToLabels("cluster.x-k8s.io/cluster-name", "demo")
            .endMetadata()
            .build();
    assertAllowed(() -> admin.resource(own).create());
    assertAllowed(() ->
        patch(
            admin,
            own,
            "{'metadata': {'labels': {'app.kubernetes.io/managed-by':"
                + " 'hosted-control-plane-controller'}}}"));
    assertRefused(() -> admin.resource(own).delete(), "");
    try (var client = as("system:serviceaccount:kube-system:generic-garbage-collector")) {
      assertAllowed(() -> client.resource(own).delete());
    }
  }

  private KubernetesClient as(String user) {
    return server.clientOf(user, MASTERS);
  }

  private Deployment deployment() {
    return (Deployment) golden("deployment-demo-api-server");
  }

  private Secret secret() {
    return (Secret) golden("secret-demo-ca-bundle");
  }

  private ConfigMap configMap() {
    return (ConfigMap) golden("configmap-demo-konnectivity");
  }

  /** As the StatefulSet's controller makes it of the template. */
  private PersistentVolumeClaim claim() {
    var set = (StatefulSet) golden("statefulset-demo-etcd");
    return new PersistentVolumeClaimBuilder(set.getSpec().getVolumeClaimTemplates().getFirst())
        .editMetadata()
        .withName("etcd-data-demo-etcd-0")
        .withNamespace(NAMESPACE)
        .endMetadata()
        .build();
  }

  private HasMetadata golden(String file) {
    try {
      HasMetadata object =
          admin
              .getKubernetesSerialization()
              .unmarshal(Files.readString(GOLDEN.resolve(file + ".yaml")));
      object.getMetadata().setNamespace(NAMESPACE);
      return object;
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }

  private static void patch(KubernetesClient client, HasMetadata object, String patch) {
    var _ =
        client
            .resource(object)
            .patch(PatchContext.of(PatchType.JSON_MERGE), patch.replace('\'', '"'));
  }

  /** Another one each time: what an earlier try has written already would be no change. */
  private static String changeOfData() {
    return "{'data': {'mine': '%s'}}".formatted(UUID.randomUUID());
  }

  private static void scale(KubernetesClient client, int replicas) {
    var deployment = client.apps().deployments().inNamespace(NAMESPACE).withName("demo-api-server");
    var scale = deployment.scale();
    scale.getSpec().setReplicas(replicas);
    var _ = deployment.scale(scale);
  }

  private static void assertRefused(ThrowingCallable change, String message) {
    assertThatThrownBy(change)
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            refused -> {
              assertThat(refused.getCode()).isEqualTo(403);
              assertThat(refused.getMessage()).contains("ValidatingAdmissionPolicy", message);
            });
  }

  private static void assertAllowed(ThrowingCallable change) {
    assertThatCode(change).doesNotThrowAnyException();
  }
}

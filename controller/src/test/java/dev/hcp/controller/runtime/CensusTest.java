package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.controller.memory.ManagementCluster;
import dev.hcp.controller.telemetry.ControlPlaneFigures.Credential;
import dev.hcp.controller.telemetry.ControlPlaneFigures.Replicas;
import dev.hcp.controller.telemetry.ControlPlaneFigures.State;
import dev.hcp.controller.testing.ControlPlanes;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CensusTest {
  private static final String NAMESPACE = "clusters";

  private final ManagementCluster cluster = new ManagementCluster();
  private final HostedControlPlane object = ControlPlanes.hostedControlPlane(NAMESPACE, "demo");

  CensusTest() {
    var generated = ControlPlanes.objects(NAMESPACE, "demo");
    generated.forEach(cluster::put);
    cluster.catchUp();
    var metadata = object.getMetadata();
    metadata.setUid(generated.getFirst().getMetadata().getOwnerReferences().getFirst().getUid());
    metadata.setOwnerReferences(
        List.of(
            new OwnerReferenceBuilder()
                .withApiVersion(Cluster.GROUP + "/" + Cluster.VERSION)
                .withKind("Cluster")
                .withName("demo")
                .withUid("4d6c9d2e-52c4-4c8c-9a0e-1f0a4f0c8c11")
                .build()));
  }

  @Test
  void aNewControlPlaneHasFewFigures() {
    object.getMetadata().setOwnerReferences(List.of());
    var figures = new Census(cluster).figures(object);
    assertThat(figures.namespace()).isEqualTo(NAMESPACE);
    assertThat(figures.name()).isEqualTo("demo");
    assertThat(figures.cluster()).isEmpty();
    assertThat(figures.version()).isEmpty();
    assertThat(figures.wantedVersion()).isEqualTo(object.getSpec().version());
    assertThat(figures.conditions()).isEmpty();
    assertThat(figures.replicas()).isEmpty();
    assertThat(figures.credentials()).isEmpty();
    assertThat(figures.backupDue()).isEmpty();
  }

  @Test
  void conditionsAreThoseOfOursAndHaveAReasonIfSomethingIsTheMatter() {
    object.setStatus(
        status(
            List.of(
                condition("Ready", "False", "ComponentsNotReady"),
                condition("Available", "True", "Available"),
                condition("EtcdClusterReady", "True", "VolumesCannotGrow"),
                condition("SomebodyElses", "True", "Whatever"))));
    var figures = new Census(cluster).figures(object);
    assertThat(figures.conditions())
        .isEqualTo(
            Map.of(
                "Ready", new State("False", Optional.of("ComponentsNotReady")),
                "Available", new State("True", Optional.empty()),
                "EtcdClusterReady", new State("True", Optional.of("VolumesCannotGrow"))));
    assertThat(figures.version()).isEqualTo("v1.36.3");
    assertThat(figures.backupDue()).contains(Instant.parse("2026-03-01T02:30:00Z"));
  }

  @Test
  void podsAreCountedByComponent() {
    cluster.edit(
        cluster.get(Deployment.class, NAMESPACE, "demo-api-server").orElseThrow(),
        deployment ->
            deployment.setStatus(new DeploymentStatusBuilder().withReadyReplicas(2).build()));
    cluster.catchUp();
    var replicas = new Census(cluster).figures(object).replicas();
    assertThat(replicas).containsOnlyKeys("api-server", "controller-manager", "scheduler", "etcd");
    assertThat(replicas.get("api-server"))
        .isEqualTo(
            new Replicas(
                cluster
                    .get(Deployment.class, NAMESPACE, "demo-api-server")
                    .orElseThrow()
                    .getSpec()
                    .getReplicas(),
                2));
    assertThat(replicas.get("etcd").ready()).isZero();
  }

  @Test
  void certificatesAreNamedByWhatTheyAreFor() {
    cluster.edit(
        cluster.get(Certificate.class, NAMESPACE, "demo-etcd-peer").orElseThrow(),
        certificate ->
            certificate.setStatus(
                new CertificateStatus(
                    List.of(), null, "2026-04-01T00:00:00Z", "2026-03-01T00:00:00Z", null, null)));
    cluster.edit(
        cluster.get(Certificate.class, NAMESPACE, "demo-apiserver").orElseThrow(),
        certificate ->
            certificate.setStatus(
                new CertificateStatus(List.of(), null, "soon", null, null, null)));
    cluster.catchUp();
    var credentials = new Census(cluster).figures(object).credentials();
    assertThat(credentials)
        .containsKeys("ca", "admin", "etcd-server")
        .containsEntry(
            "etcd-peer",
            new Credential(
                Optional.of(Instant.parse("2026-04-01T00:00:00Z")),
                Optional.of(Instant.parse("2026-03-01T00:00:00Z"))))
        .containsEntry("apiserver", new Credential(Optional.empty(), Optional.empty()));
  }

  /** Two control planes may belong to a Cluster for a while; objects belong to one of them. */
  @Test
  void whatBelongsToAnotherIsNotCounted() {
    object.getMetadata().setUid("another");
    var figures = new Census(cluster).figures(object);
    assertThat(figures.replicas()).isEmpty();
    assertThat(figures.credentials()).isEmpty();
  }

  private static Condition condition(String type, String status, String reason) {
    return new Condition(type, status, 1L, "2026-01-01T00:00:00Z", reason, "message");
  }

  private static HostedControlPlaneStatus status(List<Condition> conditions) {
    return new HostedControlPlaneStatus(
        conditions,
        null,
        null,
        null,
        null,
        "2026-03-01T02:30:00Z",
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        "a=b",
        3,
        3,
        3,
        3,
        null,
        true,
        "v1.36.3",
        null,
        true,
        1L);
  }
}

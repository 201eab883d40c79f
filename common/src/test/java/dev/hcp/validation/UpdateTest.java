package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateTest {
  @ParameterizedTest
  @CsvSource({
    "v1.35.2, v1.35.2",
    "v1.35.2, v1.35.9",
    "v1.35.2, v1.36.0",
    "1.35.2, v1.35.2",
    "v1.35.2, 1.35.2",
    "v1.36.0-rc.1, v1.36.0",
    "banana, v1.31.0",
    "v1.30.4, v1.31.0"
  })
  void versionsRiseByOneMinorVersion(String old, String updated) {
    assertThat(update(Specs.withVersion(old, ""), Specs.withVersion(updated, ""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "v1.36.3, v1.36.2, must not be lower than the current v1.36.3",
    "v1.36.3, v1.35.9, must not be lower than the current v1.36.3",
    "v1.36.3, v1.36.3-rc.1, must not be lower than the current v1.36.3",
    "v1.36.3+b, v1.36.3+a, must not be lower than the current v1.36.3+b",
    "1.34.0, v1.36.0, 'must be at most v1.35, one minor version above the current v1.34.0'"
  })
  void versionsNeitherDecreaseNorSkip(String old, String updated, String accepted) {
    assertThat(update(Specs.withVersion(old, ""), Specs.withVersion(updated, "")))
        .containsExactly("spec.version: Invalid value: \"%s\": %s".formatted(updated, accepted));
  }

  @Test
  void aVersionThatIsStillServedCounts() {
    var old = serving("v1.35.0", "v1.34.2");
    assertThat(update(old, serving("v1.35.1", "v1.34.2"))).isEmpty();
    assertThat(update(old, serving("v1.36.0", "v1.35.0"))).isEmpty();
    assertThat(update(old, serving("v1.36.0", "v1.34.2")))
        .containsExactly(
            "spec.version: Invalid value: \"v1.36.0\": must be at most v1.35, one minor version"
                + " above v1.34.2, which is still served; wait until it no longer is");
  }

  /** What serves, and what etcd runs: one of each is enough, or nothing is known. */
  private static HostedControlPlane status(String version, List<String> served, String etcd) {
    return Specs.object(
        """
        metadata: {name: demo}
        spec: {version: %s, gateway: {namespace: gateways, name: public}}
        status:
          version: %s
          versions: [%s]
          etcd: {members: [%s]}
        """
            .formatted(
                version,
                served.getFirst(),
                String.join(
                    ", ", served.stream().map("{version: %s, replicas: 1}"::formatted).toList()),
                etcd.isEmpty()
                    ? "{name: demo-etcd-0}"
                    : "{name: demo-etcd-0, version: %s}".formatted(etcd)));
  }

  @ParameterizedTest
  @CsvSource({
    // from, to, served, etcd
    "v1.36.9, v1.35.2, v1.35.2, 3.6.8",
    "v1.36.9, v1.36.3, v1.36.3, 3.6.8",
    "v1.36.9, v1.35.2, v1.35.2 v1.36.9, 3.6.8",
    "v1.36.9, v1.35.2, v1.35.2, ''",
    // etcd has not been touched yet.
    "v1.34.9, v1.33.5, v1.33.5, 3.5.24",
    // Nobody serves v1.36.9: another patch is another try.
    "v1.36.9, v1.36.4, v1.35.2, 3.6.8",
    "v1.34.9, v1.34.4, v1.33.5, 3.6.8",
  })
  void whatIsNotServedEverywhereCanBeTakenBack(String from, String to, String served, String etcd) {
    var versions = List.of(served.split(" "));
    assertThat(update(status(from, versions, etcd), status(to, versions, etcd))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "v1.36.9, v1.35.2, v1.36.9, 3.6.8, must not be lower than the current v1.36.9",
    "v1.36.9, v1.35.1, v1.35.2, 3.6.8, 'must not be lower than the current v1.36.9, or else"
        + " v1.35.2, which is still served'",
    "v1.36.9, v1.35.3, v1.35.2, 3.6.8, 'must not be lower than the current v1.36.9, or else"
        + " v1.35.2, which is still served'",
    "v1.36.9, v1.36.4, v1.35.2 v1.36.9, 3.6.8, 'must not be lower than the current v1.36.9, or"
        + " else v1.35.2, which is still served'",
    "v1.34.9, v1.33.5, v1.33.5, 3.6.8, 'must not be lower than v1.34.0: etcd has been upgraded"
        + " for that already, and does not go back; choose a version of v1.34 whose API servers"
        + " start'",
    "v1.34.9, v1.33.5, v1.33.5, '', 'must not be lower than v1.34.0: etcd has been upgraded"
        + " for that already, and does not go back; choose a version of v1.34 whose API servers"
        + " start'",
  })
  void allElseCannotBeTakenBack(
      String from, String to, String served, String etcd, String accepted) {
    var versions = List.of(served.split(" "));
    assertThat(update(status(from, versions, etcd), status(to, versions, etcd)))
        .containsExactly("spec.version: Invalid value: \"%s\": %s".formatted(to, accepted));
  }

  @Test
  void anEtcdThatDoesNotFollowKeepsNobodyFromGoingBack() {
    var old = status("v1.34.9", List.of("v1.33.5"), "3.6.8");
    var updated =
        Specs.object(
            """
            metadata: {name: demo}
            spec:
              version: v1.33.5
              gateway: {namespace: gateways, name: public}
              etcd: {image: {tag: 3.6.8-0}}
            status:
              versions: [{version: v1.33.5, replicas: 2}]
            """);
    assertThat(update(old, updated)).isEmpty();
  }

  @Test
  void anUnhostedVersionIsNotExcusedByTheOldOne() {
    assertThat(update(Specs.withVersion("v1.37.0", ""), Specs.withVersion("v1.38.0", "")))
        .containsExactly(
            "spec.version: Invalid value: \"v1.38.0\": must be a Kubernetes version v1.31 to v1.37,"
                + " for example v1.36.3");
  }

  @Test
  void whatWasWrongBeforeDoesNotBlockOtherChanges() {
    var old = Specs.withVersion("v1.30.0", "replicas: 1\netcd: {replicas: 2}");
    assertThat(update(old, Specs.withVersion("v1.30.0", "replicas: 3\netcd: {replicas: 2}")))
        .isEmpty();
    assertThat(update(old, Specs.withVersion("v1.30.0", "replicas: 1\netcd: {replicas: 4}")))
        .contains("spec.etcd.replicas: Invalid value: 4: must be 1, 3 or 5");
  }

  @Test
  void fixedVolumesDoNotShrink() {
    var old = Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 10Gi}");
    assertThat(update(old, Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 10240Mi}")))
        .isEmpty();
    assertThat(update(old, Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 11Gi}")))
        .isEmpty();
    assertThat(update(old, Specs.controlPlane("etcd: {autoGrow: true}"))).isEmpty();
    assertThat(update(old, Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 9Gi}")))
        .containsExactly(
            "spec.etcd.volumeSize: Invalid value: \"9Gi\": must be at least the current 10Gi:"
                + " volumes cannot shrink");
  }

  @Test
  void volumesThatGrewDoNotShrink() {
    var grown =
        Specs.object(
            """
            metadata: {name: demo}
            spec: {version: v1.36.3, gateway: {namespace: gateways, name: public}}
            status: {etcdVolumeSize: 4Gi}
            """);
    assertThat(update(grown, Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 4Gi}")))
        .isEmpty();
    assertThat(update(grown, Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 3Gi}")))
        .containsExactly(
            "spec.etcd.volumeSize: Invalid value: \"3Gi\": must be at least the current 4Gi:"
                + " volumes cannot shrink");
    assertThat(
            update(
                Specs.controlPlane(""),
                Specs.controlPlane("etcd: {autoGrow: false, volumeSize: 3Gi}")))
        .isEmpty();
  }

  @Test
  void theStorageClassStays() {
    var fast = Specs.controlPlane("etcd: {storageClassName: fast}");
    var unset = Specs.controlPlane("");
    assertThat(update(fast, fast)).isEmpty();
    assertThat(update(unset, Specs.controlPlane("etcd: {storageClassName: ''}"))).isEmpty();
    assertThat(update(fast, unset))
        .containsExactly(
            "spec.etcd.storageClassName: Invalid value: \"\": must stay fast: it cannot be"
                + " changed");
    assertThat(update(unset, fast))
        .containsExactly(
            "spec.etcd.storageClassName: Invalid value: \"fast\": must stay unset: it cannot be"
                + " changed");
  }

  @Test
  void theClassOfALoadBalancerStays() {
    var internal = Specs.controlPlane("exposure: {service: {loadBalancerClass: internal}}");
    var unset = Specs.controlPlane("");
    assertThat(update(internal, internal)).isEmpty();
    assertThat(update(internal, unset))
        .containsExactly(
            "spec.exposure.service.loadBalancerClass: Invalid value: \"\": must stay internal: it"
                + " cannot be changed"
                + " while the Service is of type LoadBalancer");
    assertThat(update(unset, internal))
        .containsExactly(
            "spec.exposure.service.loadBalancerClass: Invalid value: \"internal\": must stay unset:"
                + " it cannot be changed while the Service is of type LoadBalancer");
    assertThat(update(internal, Specs.controlPlane("exposure: {inClusterAccess: Gateway}")))
        .isEmpty();
    assertThat(update(Specs.controlPlane("exposure: {service: {type: ClusterIP}}"), internal))
        .isEmpty();
  }

  @Test
  void thePrimaryFamilyOfAServiceStays() {
    assertThat(
            update(
                Specs.controlPlane("exposure: {service: {ipFamilies: [IPv4]}}"),
                Specs.controlPlane("exposure: {service: {ipFamilies: [IPv6, IPv4]}}")))
        .containsExactly(
            "spec.exposure.service.ipFamilies[0]: Invalid value: \"IPv6\": must stay IPv4: the"
                + " primary family of a Service cannot be changed");
    assertThat(
            update(
                Specs.controlPlane("exposure: {service: {ipFamilies: [IPv4]}}"),
                Specs.controlPlane("exposure: {service: {ipFamilies: [IPv4, IPv6]}}")))
        .isEmpty();
  }

  @Test
  void templatesDoNotChange() {
    var old = Specs.template("", "etcd: {replicas: 3}");
    var updated = Specs.template("", "etcd: {replicas: 5}");
    assertThat(Validator.update(old, old, false)).isEmpty();
    assertThat(
            Validator.update(old, Specs.template(", labels: {a: b}", "etcd: {replicas: 3}"), false))
        .isEmpty();
    assertThat(Validator.update(old, updated, false))
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.template.spec: cannot be changed: make another HostedControlPlaneTemplate and"
                + " refer to that");
  }

  @Test
  void theTopologyControllerMayTryOutATemplate() {
    var old = Specs.template("", "etcd: {replicas: 3}");
    var annotation = ", annotations: {topology.cluster.x-k8s.io/dry-run: ''}";
    var updated = Specs.template(annotation, "etcd: {replicas: 5}");
    assertThat(Validator.update(old, updated, true)).isEmpty();
    assertThat(Validator.update(old, updated, false)).hasSize(1);
    assertThat(Validator.update(old, Specs.template("", "etcd: {replicas: 5}"), true)).hasSize(1);
    assertThat(Validator.update(old, Specs.template(annotation, "etcd: {replicas: 2}"), true))
        .extracting(FieldError::toString)
        .containsExactly("spec.template.spec.etcd.replicas: Invalid value: 2: must be 1, 3 or 5");
  }

  @Test
  void aTemplateThatIsBeingDeletedIsNeverBlocked() {
    var old = Specs.template("", "");
    var deleted =
        Specs.template(", deletionTimestamp: '2026-01-01T00:00:00Z'", "etcd: {replicas: 2}");
    assertThat(Validator.update(old, deleted, false)).isEmpty();
    assertThat(Validator.create(deleted)).isEmpty();
  }

  private static List<String> update(HostedControlPlane old, HostedControlPlane updated) {
    return Validator.update(old, updated).stream().map(FieldError::toString).toList();
  }

  private static HostedControlPlane serving(String version, String served) {
    return Specs.object(
        """
        metadata: {name: demo}
        spec: {version: %s, gateway: {namespace: gateways, name: public}}
        status: {version: %s}
        """
            .formatted(version, served));
  }
}

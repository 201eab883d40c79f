package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.hosted.LiveObject;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two hosted clusters on one management cluster know nothing of each other. */
@Order(50)
@ExtendWith({BedExtension.class, HostedClustersExtension.class, IdleWindowExtension.class})
final class TwoClustersIT {
  private static final String OTHER = "other";
  private static final int OTHER_RANGE = 130;
  private static final String AUDIT_TOKEN = "audit-token";

  /** A ConfigMap that Kubernetes itself makes, perhaps before events are recorded. */
  private static final String OF_EVERY_NAMESPACE = "kube-root-ca.crt";

  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);
  private static final Duration AUDIT_DEADLINE = Duration.ofMinutes(2);
  private static final Duration DELETION_DEADLINE = Duration.ofMinutes(3);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  TwoClustersIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void aSecondClusterStandsBesideTheFirstAndLeavesNothingBehindWhenItIsDeleted() {
    Manifests.createRestrictedNamespace(bed, OTHER);
    var other = new HostedCluster(bed, management, OTHER, OTHER);
    await("the namespace has what every namespace has")
        .atMost(DELETION_DEADLINE)
        .until(() -> names(other.everythingInTheNamespace()).size() >= 2);
    var emptyNamespace = names(other.everythingInTheNamespace());

    var receivers =
        Stream.generate(() -> AuditReceiver.listen(bed.network().host())).limit(3).toList();
    try {
      createAuditToken();
      Manifests.apply(
          bed,
          Manifests.dualStack(OTHER, OTHER_RANGE)
              + Manifests.audited(receivers.stream().map(AuditReceiver::url).toList()));
      HostedClustersExtension.awaitReady(other, CREATION_DEADLINE);
      servicesGetAddressesOfBothFamilies();
      programsHaveTheFlagsOfTheSpec();
      neitherAcceptsAClientOfTheOther(other);
      everyReceiverGetsEveryEvent(receivers);
    } finally {
      receivers.forEach(AuditReceiver::close);
    }
    management.secrets().inNamespace(OTHER).withName(AUDIT_TOKEN).delete();

    var before = identities();
    var pods = restarts();
    var address = other.loadBalancerAddress();
    var volumes = volumesOf(other);
    assertThat(volumes).isNotEmpty();
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow())) {
      other.delete();
      await("nothing is left of the deleted cluster")
          .atMost(DELETION_DEADLINE)
          .untilAsserted(
              () -> assertThat(names(other.everythingInTheNamespace())).isEqualTo(emptyNamespace));
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
    assertThat(other.cluster()).isEmpty();
    await("the volumes and the address are given back")
        .atMost(DELETION_DEADLINE)
        .untilAsserted(() -> {
          assertThat(management.persistentVolumes().list().getItems())
              .noneMatch(volume -> volumes.contains(volume.getMetadata().getName()));
          assertThat(addressesOfTheNode()).doesNotContain(address + "/");
        });

    assertThat(identities()).isEqualTo(before);
    assertThat(restarts()).isEqualTo(pods);
    assertThat(demo.isReady()).isTrue();
    management.namespaces().withName(OTHER).delete();
  }

  private void createAuditToken() {
    management
        .secrets()
        .inNamespace(OTHER)
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(AUDIT_TOKEN)
                .endMetadata()
                .addToStringData("token", AuditReceiver.TOKEN)
                .build())
        .create();
  }

  /** By the forwarder beside each API server, also what one receiver does not take for a while. */
  private void everyReceiverGetsEveryEvent(List<AuditReceiver> receivers) {
    // Requests wait for the receiver, which is asked again after ten seconds.
    var patient =
        new ConfigBuilder(Kubeconfig.parse(bed.kubeconfig(OTHER, OTHER)))
            .withRequestTimeout(Math.toIntExact(AUDIT_DEADLINE.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .build();
    try (var client = new KubernetesClientBuilder().withConfig(patient).build()) {
      createConfigMap(client, "before");
      receivers.getFirst().setDown(true);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var _ = threads.submit(() -> createConfigMap(client, "meanwhile"));
        await("the event is not taken by one receiver")
            .atMost(AUDIT_DEADLINE)
            .until(() -> receivers.getFirst().turnedAway() > 0);
        receivers.getFirst().setDown(false);
      }
      createConfigMap(client, "after");
    }
    await("every receiver has every event")
        .atMost(AUDIT_DEADLINE)
        .untilAsserted(() ->
            assertThat(receivers)
                .allSatisfy(receiver ->
                    assertThat(receiver.events())
                        .filteredOn(name -> !name.equals(OF_EVERY_NAMESPACE))
                        .containsExactlyInAnyOrder("before", "meanwhile", "after")));
  }

  private static void createConfigMap(KubernetesClient client, String name) {
    client
        .configMaps()
        .inNamespace("default")
        .resource(new ConfigMapBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  private static void programsHaveTheFlagsOfTheSpec() {
    var running = CommandLines.all();
    Map.of(
            "kube-apiserver", "--max-requests-inflight=401",
            "kube-controller-manager", "--concurrent-deployment-syncs=6",
            "kube-scheduler", "--kube-api-qps=51")
        .forEach((program, flag) ->
            assertThat(running)
                .as("%s with %s", program, flag)
                .anyMatch(words -> words.getFirst().endsWith(program) && words.contains(flag)));
  }

  private void servicesGetAddressesOfBothFamilies() {
    try (var client = bed.client(OTHER, OTHER)) {
      var service =
          client
              .services()
              .inNamespace("default")
              .resource(
                  new ServiceBuilder()
                      .withNewMetadata()
                      .withName("both")
                      .endMetadata()
                      .withNewSpec()
                      .withIpFamilyPolicy("RequireDualStack")
                      .addNewPort()
                      .withPort(80)
                      .endPort()
                      .endSpec()
                      .build())
              .create();
      assertThat(service.getSpec().getClusterIPs())
          .satisfiesExactly(
              ip -> assertThat(ip).startsWith("10.%d.".formatted(OTHER_RANGE)),
              ip -> assertThat(ip).startsWith("fd00:%d:".formatted(OTHER_RANGE)));
      var names = client.services().inNamespace("kube-system").withName("kube-dns").get();
      assertThat(names.getSpec().getClusterIPs())
          .containsExactly(
              "10.%d.0.10".formatted(OTHER_RANGE), "fd00:%d::a".formatted(OTHER_RANGE));
    }
  }

  private void neitherAcceptsAClientOfTheOther(HostedCluster other) {
    var ofDemo = Kubeconfig.parse(bed.kubeconfig(demo.namespace(), demo.name()));
    var ofOther = Kubeconfig.parse(bed.kubeconfig(OTHER, OTHER));
    assertThat(Tokens.whoAmI(ofDemo)).isPresent();
    assertThat(Tokens.whoAmI(ofOther)).isPresent();
    assertThat(Tokens.whoAmI(credentials(ofDemo, ofOther))).isEmpty();
    assertThat(Tokens.whoAmI(credentials(ofOther, ofDemo))).isEmpty();
    try (var client = bed.client(OTHER, OTHER)) {
      var token = Tokens.issue(client, "default", "default");
      assertThat(Tokens.whoAmI(bed, other, token)).isPresent();
      assertThat(Tokens.whoAmI(bed, demo, token)).isEmpty();
    }
  }

  /** A client that goes to one cluster with the other's certificate. */
  private static Config credentials(Config from, Config to) {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(to.getMasterUrl())
        .withCaCertData(to.getCaCertData())
        .withClientCertData(from.getClientCertData())
        .withClientKeyData(from.getClientKeyData())
        .withClientKeyAlgo(from.getClientKeyAlgo())
        .build();
  }

  private static Set<String> names(List<LiveObject> objects) {
    return objects.stream().map(LiveObject::toString).collect(Collectors.toSet());
  }

  /** The objects of the cluster that is to stay, each with its uid and resource version. */
  private Map<String, String> identities() {
    return demo.objects().stream()
        .collect(
            Collectors.toMap(
                LiveObject::toString, object -> object.uid() + "@" + object.resourceVersion()));
  }

  private Map<String, Integer> restarts() {
    var restarts = new HashMap<String, Integer>();
    for (Pod pod : demo.pods()) {
      restarts.put(
          pod.getMetadata().getUid(),
          pod.getStatus().getContainerStatuses().stream()
              .mapToInt(container -> container.getRestartCount())
              .sum());
    }
    return restarts;
  }

  private Set<String> volumesOf(HostedCluster cluster) {
    return management
        .persistentVolumeClaims()
        .inNamespace(cluster.namespace())
        .list()
        .getItems()
        .stream()
        .map(claim -> claim.getSpec().getVolumeName())
        .collect(Collectors.toSet());
  }

  private String addressesOfTheNode() {
    return bed.command("ip", "-brief", "address", "show", "dev", "node0").output();
  }
}

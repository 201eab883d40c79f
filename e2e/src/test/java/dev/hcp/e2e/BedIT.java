package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the other end-to-end tests take for granted about the bed. */
@Order(1)
@ExtendWith(BedExtension.class)
final class BedIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Bed bed;
  private final KubernetesClient client;

  BedIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
  }

  @Test
  void theApiServerAnswersOnTheHostWithItsRealVersion() {
    var pinned = bed.command("kubeadm", "version", "-o", "short").output().strip();
    assertThat(client.getKubernetesVersion().getGitVersion()).isEqualTo(pinned);
  }

  @Test
  void hostNamesOfHostedClustersLeadToTheGatewayHereAndOnTheNode() throws IOException {
    var name = "any.where.hcp.example.test";
    assertThat(InetAddress.getByName(name).getHostAddress()).isEqualTo(bed.network().gateway());
    assertThat(bed.command("getent", "hosts", name).output()).startsWith(bed.network().gateway());
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(name, 443), (int) DEADLINE.toMillis());
      assertThat(socket.isConnected()).isTrue();
    }
  }

  @Test
  void serviceGetsAnAddressAndGivesItBack() {
    var service =
        client
            .services()
            .inNamespace("default")
            .resource(
                new ServiceBuilder()
                    .withNewMetadata()
                    .withName("balanced")
                    .endMetadata()
                    .withNewSpec()
                    .withType("LoadBalancer")
                    .addNewPort()
                    .withPort(80)
                    .endPort()
                    .endSpec()
                    .build());
    service.create();
    try {
      Awaitility.await().atMost(DEADLINE).until(() -> !address(service.get()).isEmpty());
      assertThat(bed.network().pool()).contains(address(service.get()));
      assertThat(addressesOfTheNode()).contains(address(service.get()) + "/32");
    } finally {
      var address = address(service.get());
      service.delete();
      Awaitility.await()
          .atMost(DEADLINE)
          .until(() -> !addressesOfTheNode().contains(address + "/32"));
    }
  }

  @Test
  void theAuditLogTellsWhoWroteWhat() {
    client.configMaps().inNamespace("default").withName("audited").delete();
    Awaitility.await()
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(Files.readString(bed.auditLog()))
                .contains("/api/v1/namespaces/default/configmaps/audited"));
  }

  private String addressesOfTheNode() {
    return bed.command("ip", "-brief", "address", "show", "dev", "node0").output();
  }

  private static String address(Service service) {
    var ingress = service.getStatus().getLoadBalancer().getIngress();
    return ingress.isEmpty() ? "" : ingress.getFirst().getIp();
  }
}

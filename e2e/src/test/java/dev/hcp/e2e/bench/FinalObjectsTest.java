package dev.hcp.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

final class FinalObjectsTest {
  private static final String OURS =
      "\"managedFields\": [{\"manager\": \"hosted-control-plane-controller\", \"operation\": \"Apply\"}]";

  @Test
  void whatTheControllerWroteIsKeptWithoutWhatWasAdded() throws IOException {
    var items =
        from(
            """
            {"items": [
              {"kind": "Deployment", "metadata": {"name": "api", "uid": "1", "ownerReferences": [{}], %s},
               "spec": {"replicas": 3}, "status": {"replicas": 3}},
              {"kind": "Pod", "metadata": {"name": "pod", "managedFields": [{"manager": "kubelet"}]}},
              {"kind": "HostedControlPlane", "metadata": {"name": "hcp", %s}}
            ]}
            """
                .formatted(OURS, OURS));
    assertThat(items)
        .singleElement()
        .hasToString(
            "{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"api\"},\"spec\":{\"replicas\":3}}");
  }

  @Test
  void theAddressThatWasGivenIsAskedFor() throws IOException {
    var service =
        from("""
        {"items": [{"kind": "Service", "metadata": {"name": "s", %s},
          "spec": {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"], "ports": [{"port": 443, "nodePort": 30000}]},
          "status": {"loadBalancer": {"ingress": [{"ip": "172.30.0.101"}]}}}]}
        """
                .formatted(OURS))
            .getFirst();
    assertThat(service.at("/spec"))
        .hasToString("{\"ports\":[{\"port\":443}],\"loadBalancerIP\":\"172.30.0.101\"}");
  }

  @Test
  void aHeadlessServiceStaysHeadless() throws IOException {
    var service =
        from("{\"items\": [{\"kind\": \"Service\", \"metadata\": {%s}, \"spec\": {\"clusterIP\": \"None\"}}]}"
                .formatted(OURS))
            .getFirst();
    assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
  }

  @Test
  void ofTheIssuedSecretsOnlyAuthoritiesAreKept() throws IOException {
    var items =
        from(
            """
            {"items": [
              {"kind": "Issuer", "metadata": {"name": "i", %1$s}, "spec": {"ca": {"secretName": "ca"}}},
              {"kind": "Secret", "metadata": {"name": "ca", "annotations": {"cert-manager.io/certificate-name": "ca"}}},
              {"kind": "Secret", "metadata": {"name": "leaf", "annotations": {"cert-manager.io/certificate-name": "leaf"}, %1$s}}
            ]}
            """
                .formatted(OURS));
    assertThat(items)
        .extracting(item -> item.at("/metadata/name").asText())
        .containsExactly("i", "ca");
  }

  private static List<JsonNode> from(String listing) throws IOException {
    var items = new ObjectMapper().readTree(FinalObjects.from(listing)).path("items");
    return StreamSupport.stream(items.spliterator(), false).toList();
  }
}

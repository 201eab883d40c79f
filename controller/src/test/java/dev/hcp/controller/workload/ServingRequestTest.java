package dev.hcp.controller.workload;

import static dev.hcp.controller.workload.ServingRequests.dns;
import static dev.hcp.controller.workload.ServingRequests.ip;
import static dev.hcp.controller.workload.ServingRequests.keys;
import static dev.hcp.controller.workload.ServingRequests.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServingRequestTest {
  private static final String USER = "system:node:w1";
  private static final String SUBJECT = "O=system:nodes,CN=system:node:w1";
  private static final List<String> USAGES = List.of("digital signature", "server auth");
  private static final Set<String> RESERVED =
      Set.of("demo.clusters.example.test", "kubernetes", "10.96.0.1", "fd00::1");
  private static final List<Node> NODES =
      List.of(
          node(
              "w1",
              new NodeAddress("192.0.2.11", "InternalIP"),
              new NodeAddress("fd00:2::11", "InternalIP"),
              new NodeAddress("198.51.100.11", "ExternalIP"),
              new NodeAddress("W1", "Hostname"),
              new NodeAddress("w1.example.test", "InternalDNS"),
              new NodeAddress("w1.example.com", "ExternalDNS"),
              // What a kubelet could claim, but must not get.
              new NodeAddress("demo.clusters.example.test", "ExternalDNS"),
              new NodeAddress("10.96.0.1", "ExternalIP"),
              new NodeAddress("kubernetes.default.svc", "ExternalDNS"),
              new NodeAddress("metrics.kube-system.svc.cluster.local", "ExternalDNS"),
              new NodeAddress("localhost", "Hostname"),
              new NodeAddress("127.0.0.1", "InternalIP"),
              new NodeAddress("*.example.test", "ExternalDNS"),
              new NodeAddress("192.0.2.12", "ExternalIP"),
              new NodeAddress("w2", "ExternalDNS")),
          node(
              "w2",
              new NodeAddress("192.0.2.12", "InternalIP"),
              new NodeAddress("w2", "Hostname")));

  private static CertificateSigningRequest request(String request) {
    return new CertificateSigningRequestBuilder()
        .withNewMetadata()
        .withName("csr-1")
        .endMetadata()
        .withNewSpec()
        .withSignerName("kubernetes.io/kubelet-serving")
        .withUsername(USER)
        .withGroups("system:nodes", "system:authenticated")
        .withUsages(USAGES)
        .withRequest(request)
        .endSpec()
        .build();
  }

  private static CertificateSigningRequest request(GeneralName... names) {
    return request(ServingRequests.of(SUBJECT, names));
  }

  private static CertificateSigningRequestBuilder good() {
    return new CertificateSigningRequestBuilder(request(dns("w1"), ip("192.0.2.11")));
  }

  static Stream<Arguments> approved() {
    return Stream.of(
        Arguments.of(named("name and address", request(dns("w1"), ip("192.0.2.11")))),
        Arguments.of(named("name of the node", request(dns("w1")))),
        Arguments.of(named("other case", request(dns("W1.Example.TEST")))),
        Arguments.of(
            named(
                "all of them",
                request(
                    dns("w1"),
                    dns("w1.example.test"),
                    dns("w1.example.com"),
                    ip("192.0.2.11"),
                    ip("198.51.100.11"),
                    ip("fd00:2:0:0::11")))),
        Arguments.of(
            named(
                "all usages",
                good()
                    .editSpec()
                    .withUsages("digital signature", "key encipherment", "server auth")
                    .endSpec()
                    .build())));
  }

  @ParameterizedTest
  @MethodSource
  void approved(CertificateSigningRequest request) {
    assertThat(ServingRequest.objection(request, NODES, RESERVED)).isEmpty();
  }

  static Stream<Arguments> left() {
    var keys = keys();
    return Stream.of(
        left("a user", "not a node", good().editSpec().withUsername("eve").endSpec()),
        left(
            "a node without a name",
            "not a node",
            good().editSpec().withUsername("system:node:").endSpec()),
        left(
            "not of the group",
            "is not of system:nodes",
            good().editSpec().withGroups("system:authenticated").endSpec()),
        left(
            "on behalf of another",
            "its subject is",
            good().editSpec().withUsername("system:node:w2").endSpec()),
        left(
            "for clients", "of the usages", good().editSpec().addToUsages("client auth").endSpec()),
        left(
            "not for servers",
            "lack server auth",
            good().editSpec().withUsages("digital signature").endSpec()),
        left(
            "another group in the subject",
            "its subject is",
            request(ServingRequests.of("O=system:masters,CN=" + USER, dns("w1")))),
        left(
            "a further group in the subject",
            "its subject is",
            request(ServingRequests.of("O=system:nodes,O=system:masters,CN=" + USER, dns("w1")))),
        left(
            "a further name in the subject",
            "its subject is",
            request(ServingRequests.of(SUBJECT + ",CN=admin", dns("w1")))),
        left(
            "more in the subject",
            "more than O and CN",
            request(ServingRequests.of(SUBJECT + ",OU=x", dns("w1")))),
        left("for nothing", "no name and no address", request()),
        left("a foreign name", "but node w1 has", request(dns("w1"), dns("bank.example.com"))),
        left("a foreign address", "but node w1 has", request(dns("w1"), ip("192.0.2.99"))),
        left(
            "an e-mail address",
            "neither a name nor an address",
            request(dns("w1"), new GeneralName(GeneralName.rfc822Name, "a@example.test"))),
        left(
            "a URI",
            "neither a name nor an address",
            request(
                dns("w1"), new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://x"))),
        left("the endpoint", "control plane's", request(dns("demo.clusters.example.test"))),
        left("the kubernetes Service", "control plane's", request(ip("10.96.0.1"))),
        left("a Service", "control plane's", request(dns("kubernetes.default.svc"))),
        left(
            "a Service with domain",
            "control plane's",
            request(dns("metrics.kube-system.svc.cluster.local"))),
        left("this machine's name", "control plane's", request(dns("localhost"))),
        left("this machine's address", "every machine", request(ip("127.0.0.1"))),
        left("a wildcard", "control plane's", request(dns("*.example.test"))),
        left("an address of another node too", "node w2", request(ip("192.0.2.12"))),
        left("the name of another node too", "node w2", request(dns("w2"))),
        left(
            "signed by another key",
            "its own key",
            request(ServingRequests.of(SUBJECT, keys, keys(), dns("w1")))),
        left("no request", "it holds something else", request(base64("hello"))),
        left(
            "broken",
            "it cannot be read",
            request(
                base64(
                    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"))),
        left("not base64", "it cannot be read", request("***")));
  }

  @ParameterizedTest
  @MethodSource
  void left(CertificateSigningRequest request, String why) {
    assertThat(ServingRequest.objection(request, NODES, RESERVED)).get().asString().contains(why);
  }

  @Test
  void aNodeThatDoesNotExistGetsNothing() {
    assertThat(ServingRequest.objection(good().build(), List.of(), RESERVED))
        .hasValue("node w1 does not exist");
  }

  private static Arguments left(String name, String why, CertificateSigningRequestBuilder request) {
    return left(name, why, request.build());
  }

  private static Arguments left(String name, String why, CertificateSigningRequest request) {
    return Arguments.of(named(name, request), why);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}

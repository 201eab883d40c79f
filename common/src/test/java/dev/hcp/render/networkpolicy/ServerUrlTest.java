package dev.hcp.render.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.model.Cidr;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerUrlTest {
  private static final Peer.World WORLD = new Peer.World(List.of(), List.of());

  @ParameterizedTest
  @CsvSource({
    "https://Audit.Example.com/events, audit.example.com, 443",
    "http://audit.example.com., audit.example.com, 80",
    "https://audit.example.com:8443, audit.example.com, 8443",
    "https://svc.example.com, svc.example.com, 443",
    "https://a.b.svc.example.com, a.b.svc.example.com, 443",
  })
  void namesAreFollowed(String url, String name, int port) {
    assertThat(flow(url)).isEqualTo(Flow.to(new Peer.DnsName(name, WORLD), Port.tcp(port)));
  }

  @ParameterizedTest
  @CsvSource({
    "https://192.0.2.7/x, 192.0.2.7/32, 443",
    "http://192.0.2.7:8080, 192.0.2.7/32, 8080",
    "https://[2001:db8::7]:8443, 2001:db8::7/128, 8443",
  })
  void addressesAreFollowed(String url, String range, int port) {
    assertThat(flow(url)).isEqualTo(Flow.to(new Peer.Address(Cidr.parse(range)), Port.tcp(port)));
  }

  /** Which port of its pods a Service leads to is not known, so all are allowed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://sink.logging.svc/events",
        "http://sink.logging.svc:8080",
        "https://sink.logging.svc.cluster.local",
        "https://sink.logging.svc.cluster.local.:9443/",
      })
  void servicesAreFollowedToTheirNamespace(String url) {
    assertThat(flow(url)).isEqualTo(Flow.to(new Peer.Namespace("logging"), Port.everyTcp()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8090",
        "http://127.0.0.1:8090/",
        "http://[::1]:8090",
        "https://",
        "not a URL",
        "mailto:a@example.com",
      })
  void whatLeavesNoPodNeedsNoFlow(String url) {
    assertThat(ServerUrl.parse(url)).isEmpty();
  }

  @Test
  void allowedPortsAreOfOneProtocol() {
    assertThat(flow("https://audit.example.com").ports()).containsExactly(Port.tcp(443));
  }

  private static Flow flow(String url) {
    return ServerUrl.parse(url).orElseThrow().flow(WORLD);
  }
}

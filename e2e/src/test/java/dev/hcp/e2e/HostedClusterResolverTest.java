package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

final class HostedClusterResolverTest {
  @Test
  void theAddressOfAHostedClusterKeepsItsNameForTheHandshake() throws Exception {
    HostedClusterResolver.resolveTo("172.30.1.100");
    var host = "demo.default.hcp.example.test";
    assertThat(InetAddress.getByName(host).getHostAddress()).isEqualTo("172.30.1.100");
    assertThat(new InetSocketAddress(host, 443).getHostString()).isEqualTo(host);
  }

  @Test
  void otherNamesAreResolvedAsEver() throws Exception {
    HostedClusterResolver.resolveTo("172.30.1.100");
    assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
  }
}

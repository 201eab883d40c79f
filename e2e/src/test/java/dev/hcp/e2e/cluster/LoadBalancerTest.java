package dev.hcp.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LoadBalancerTest {
  private static final List<String> POOL = List.of("10.0.0.1", "10.0.0.2");

  @Test
  void theFirstFreeAddressIsGiven() {
    assertThat(LoadBalancer.choose(service(""), Set.of("10.0.0.1"), POOL)).contains("10.0.0.2");
  }

  @Test
  void aWishIsHonouredEvenOutsideThePool() {
    assertThat(LoadBalancer.choose(service("10.0.0.9"), Set.of(), POOL)).contains("10.0.0.9");
  }

  @Test
  void aWishForATakenAddressWaits() {
    assertThat(LoadBalancer.choose(service("10.0.0.1"), Set.of("10.0.0.1"), POOL)).isEmpty();
  }

  @Test
  void anEmptyPoolGivesNothing() {
    assertThat(LoadBalancer.choose(service(""), Set.copyOf(POOL), POOL)).isEmpty();
  }

  private static Service service(String wish) {
    return new ServiceBuilder()
        .withNewSpec()
        .withType("LoadBalancer")
        .withLoadBalancerIP(wish)
        .endSpec()
        .build();
  }
}

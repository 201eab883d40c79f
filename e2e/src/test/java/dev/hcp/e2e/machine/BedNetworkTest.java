package dev.hcp.e2e.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BedNetworkTest {
  @Test
  void theSameNameGetsTheSameRangeWhenItIsFree() {
    assertThat(BedNetwork.choose("demo", Set.of(), ""))
        .isEqualTo(BedNetwork.choose("demo", Set.of(), ""));
  }

  @Test
  void aRangeOfAnotherBedIsNotTaken() {
    var first = BedNetwork.choose("demo", Set.of(), "");
    assertThat(BedNetwork.choose("demo", Set.of(first.third()), "")).isNotEqualTo(first);
  }

  @Test
  void aRangeThatTheHostRoutesIsNotTaken() {
    var first = BedNetwork.choose("demo", Set.of(), "");
    var routes = "default via 10.0.0.1 dev eth0\n172.30.%d.0/24 dev br0\n".formatted(first.third());
    assertThat(BedNetwork.choose("demo", Set.of(), routes)).isNotEqualTo(first);
  }

  @Test
  void noRangeLeftIsSaid() {
    var all = IntStream.range(0, 256).boxed().collect(Collectors.toSet());
    assertThatThrownBy(() -> BedNetwork.choose("demo", all, ""))
        .isInstanceOf(BedException.class)
        .hasMessageContaining("172.30.x.0/24");
  }

  @Test
  void fixedAddressesAreNotInThePool() {
    var network = new BedNetwork(7);
    assertThat(network.pool())
        .doesNotContain(network.host(), network.node(), network.dns(), network.gateway());
    assertThat(network.isServiceAddress(network.gateway())).isTrue();
    assertThat(network.isServiceAddress(network.node())).isFalse();
  }

  @Test
  void linkNamesFitTheKernelAndDifferByBed() {
    var one = MachineSpec.management("a", new BedNetwork(1)).link();
    var other = MachineSpec.management("b", new BedNetwork(1)).link();
    assertThat(one).hasSizeLessThanOrEqualTo(15).isNotEqualTo(other);
  }
}

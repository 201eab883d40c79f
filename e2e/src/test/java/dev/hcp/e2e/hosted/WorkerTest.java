package dev.hcp.e2e.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.hosted.Worker.Membership;
import org.junit.jupiter.api.Test;

final class WorkerTest {
  @Test
  void whatIsWrittenDownIsReadAgain() {
    var membership = new Membership("clusters", "demo", "172.30.7.20");
    assertThat(Membership.parse(membership.text())).isEqualTo(membership);
  }

  @Test
  void peersHaveTheSameClusterInTheSameNamespace() {
    var one = new Membership("clusters", "demo", "172.30.7.20");
    assertThat(one.isPeerOf(new Membership("clusters", "demo", "172.30.7.21"))).isTrue();
    assertThat(one.isPeerOf(new Membership("others", "demo", "172.30.7.22"))).isFalse();
    assertThat(one.isPeerOf(new Membership("clusters", "other", "172.30.7.23"))).isFalse();
  }
}

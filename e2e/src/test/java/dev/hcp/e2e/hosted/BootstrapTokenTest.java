package dev.hcp.e2e.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BootstrapTokenTest {
  @Test
  void itHasTheFormThatKubeadmWants() {
    var token = BootstrapToken.random();
    assertThat(token.text()).matches("[a-z0-9]{6}\\.[a-z0-9]{16}");
    assertThat(token.object().getMetadata().getName()).isEqualTo("bootstrap-token-" + token.id());
    assertThat(BootstrapToken.random()).isNotEqualTo(token);
  }
}

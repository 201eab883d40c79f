package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Container;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
  private static final Map<String, String> OWNED = Map.of("tls-cert-file", "/a", "b", "1");

  private static Container with(Map<String, String> args) {
    return new Container(null, null, args, null);
  }

  @Test
  void flagsAreSortedByName() {
    assertThat(Arguments.of(with(Map.of("z", "1", "a", "2", "c.d", "")), OWNED))
        .containsExactly("--a=2", "--b=1", "--c.d=", "--tls-cert-file=/a", "--z=1");
  }

  @Test
  void withoutSettingsThereAreTheOwnedFlagsOnly() {
    assertThat(Arguments.of(null, OWNED)).containsExactly("--b=1", "--tls-cert-file=/a");
    assertThat(Arguments.of(new Container(null, null, null, null), OWNED)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls-cert-file", "tls_cert_file", "tls-cert_file"})
  void ownedFlagsCannotBeReplacedInAnySpelling(String flag) {
    assertThat(Arguments.of(with(Map.of(flag, "/evil")), OWNED))
        .containsExactly("--b=1", "--tls-cert-file=/a");
  }
}

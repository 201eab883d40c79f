package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Container;
import dev.hcp.api.v1alpha1.ImageSpec;
import dev.hcp.api.v1alpha1.PullPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImagesTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -, -, registry.k8s.io/etcd:1.0",
        "r.test:5000/x, -, -, r.test:5000/x/etcd:1.0",
        "'', -, -, etcd:1.0",
        "-, mirror/etcd, -, registry.k8s.io/mirror/etcd:1.0",
        "-, -, 2.0, registry.k8s.io/etcd:2.0",
        "r.test, a, 3, r.test/a:3",
      })
  void everyPartCanBeReplacedByItself(
      String registry, String repository, String tag, String reference) {
    var settings = new Container(new ImageSpec(registry, repository, tag), null, null, null);
    assertThat(Images.reference(settings, "etcd", "1.0")).isEqualTo(reference);
  }

  @Test
  void withoutSettingsDefaultsHold() {
    assertThat(Images.reference(null, "etcd", "1.0")).isEqualTo("registry.k8s.io/etcd:1.0");
    assertThat(Images.pullPolicy(null)).isEqualTo("IfNotPresent");
    assertThat(Images.pullPolicy(new Container(null, PullPolicy.NEVER, null, null)))
        .isEqualTo("Never");
  }
}

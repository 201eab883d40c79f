package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Container;
import dev.hcp.api.v1alpha1.ImageSpec;
import dev.hcp.api.v1alpha1.PullPolicy;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImagesTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -, -, -, registry.k8s.io/etcd:1.0",
        "r.test:5000/x, -, -, -, r.test:5000/x/etcd:1.0",
        "'', -, -, -, etcd:1.0",
        "-, mirror/etcd, -, -, registry.k8s.io/mirror/etcd:1.0",
        "-, -, 2.0, -, registry.k8s.io/etcd:2.0",
        "r.test, a, 3, -, r.test/a:3",
        "-, -, -, sha256:0a, registry.k8s.io/etcd@sha256:0a",
        "r.test, a, 3, sha256:0a, r.test/a:3@sha256:0a",
      })
  void everyPartCanBeReplacedByItself(
      String registry, String repository, String tag, String digest, String reference) {
    var settings = with(new ImageSpec(registry, repository, tag, digest), null);
    assertThat(Images.reference(Planes.with(""), settings, "etcd", "1.0")).isEqualTo(reference);
  }

  @Test
  void withoutSettingsDefaultsHold() {
    assertThat(Images.reference(Planes.with(""), null, "etcd", "1.0"))
        .isEqualTo("registry.k8s.io/etcd:1.0");
    assertThat(Images.pullPolicy(null)).isEqualTo("IfNotPresent");
    assertThat(Images.pullPolicy(with(null, PullPolicy.NEVER))).isEqualTo("Never");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, mirror.test/k8s/coredns/coredns:1",
        "'', coredns/coredns:1",
        "other.test, other.test/coredns/coredns:1"
      })
  void oneRegistryHoldsForAllImagesWithoutOne(String registry, String reference) {
    var plane = Planes.with("images: {registry: mirror.test/k8s}");
    var settings = with(new ImageSpec(registry, null, null, null), null);
    assertThat(Images.reference(plane, settings, "coredns/coredns", "1")).isEqualTo(reference);
  }

  @Test
  void imagesThatAreNotOfKubernetesStayWhereTheyAre() {
    assertThat(Images.reference(null, "registry.example.com:5000/hcp/controller:v1"))
        .isEqualTo("registry.example.com:5000/hcp/controller:v1");
  }

  @Test
  void pullSecretsOfAllPodsAndOfAComponentAreOneSet() {
    var plane =
        Planes.with(
            """
            images: {pullSecrets: [{name: b}, {name: a}]}
            etcd: {imagePullSecrets: [{name: c}, {name: b}]}
            coredns: {imagePullSecrets: [{name: b}, {name: a}]}
            """);
    assertThat(Images.pullSecrets(plane, plane.etcd()))
        .extracting(LocalObjectReference::getName)
        .containsExactly("a", "b", "c");
    assertThat(Images.pullSecrets(plane, plane.scheduler()))
        .extracting(LocalObjectReference::getName)
        .containsExactly("a", "b");
    assertThat(Images.pullSecrets(plane.spec().coredns()))
        .extracting(LocalObjectReference::getName)
        .containsExactly("a", "b");
    assertThat(Images.pullSecrets(plane.spec().kubeProxy())).isEmpty();
  }

  private static Container with(ImageSpec image, PullPolicy policy) {
    return new Container(image, policy, null, null, null, null);
  }
}

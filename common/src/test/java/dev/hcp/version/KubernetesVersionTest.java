package dev.hcp.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesVersionTest {
  private static final long SEED = 20_260_102L;

  @ParameterizedTest
  @CsvSource({
    "1.36.3, v1.36.3, v1.36",
    "v1.36, v1.36.0, v1.36",
    "1.36, v1.36.0, v1.36",
    "v1.36.0-rc.1, v1.36.0-rc.1, v1.36",
    "v1.36.0-rc.1+build.5, v1.36.0-rc.1+build.5, v1.36"
  })
  void hasANormalForm(String text, String normal, String minor) {
    var version = KubernetesVersion.parse(text);
    assertThat(version).hasToString(normal);
    assertThat(version.minorName()).isEqualTo(minor);
    assertThat(KubernetesVersion.parse(normal)).isEqualTo(version);
  }

  @Test
  void imageTagsHaveNoPlusSign() {
    assertThat(KubernetesVersion.parse("1.36.3+vendor.1").imageTag()).isEqualTo("v1.36.3_vendor.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v",
        "1",
        "banana",
        "v1.",
        "1.36.3.4",
        "V1.36.3",
        "v1.36.3 ",
        "v01.36.3",
        "v1.36.03",
        "v1.36.3-",
        "v1.36.3+",
        "v1.36.3-a..b",
        "-1.36.3",
        "v1.36.99999999999"
      })
  void refusesWhatIsNone(String text) {
    assertThat(KubernetesVersion.tryParse(text)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KubernetesVersion.parse(text))
        .withMessage("\"%s\" is not a version such as v1.36.3", text);
  }

  /** The example of https://semver.org §11, and what is around it. */
  @Test
  void isOrderedAsSemanticVersionsAre() {
    assertThat(
            Stream.of(
                    "1.0.0-alpha",
                    "1.0.0-alpha.1",
                    "1.0.0-alpha.beta",
                    "1.0.0-beta",
                    "1.0.0-beta.2",
                    "1.0.0-beta.11",
                    "1.0.0-rc.1",
                    "1.0.0",
                    "1.0.1",
                    "1.2.0",
                    "1.10.0",
                    "2.0.0")
                .map(KubernetesVersion::parse)
                .toList())
        .isSortedAccordingTo(KubernetesVersion::compareTo)
        .doesNotHaveDuplicates();
  }

  @Test
  void theOrderIsTotal() {
    var random = new Random(SEED);
    for (int i = 0; i < 5_000; i++) {
      var a = randomVersion(random);
      var b = randomVersion(random);
      var c = randomVersion(random);
      assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
      assertThat(a.compareTo(b) == 0).as("%s and %s", a, b).isEqualTo(a.equals(b));
      if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
        assertThat(a.compareTo(c)).as("%s, %s, %s", a, b, c).isLessThanOrEqualTo(0);
      }
      assertThat(KubernetesVersion.parse(a.toString())).isEqualTo(a);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {31, 32, 33, 34, 35, 36, 37})
  void theTableHasARowForEveryHostedMinorVersion(int minor) {
    assertThat(VersionTable.find(KubernetesVersion.parse("v1.%d.0".formatted(minor))))
        .map(VersionTable.Components::minor)
        .contains(minor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.30.9", "v1.38.0", "v2.36.0", "v0.36.0"})
  void theTableHasNoRowForOthers(String version) {
    assertThat(VersionTable.find(KubernetesVersion.parse(version))).isEmpty();
  }

  @Test
  void theRangeIsForMessages() {
    assertThat(VersionTable.range()).isEqualTo("v1.31 to v1.37");
  }

  private static KubernetesVersion randomVersion(Random random) {
    var parts = List.of("", "", "alpha", "alpha.1", "beta.2", "beta.11", "rc.1", "1", "1.a", "a-b");
    var builds = List.of("", "", "", "a", "b.1");
    return new KubernetesVersion(
        random.nextInt(2),
        random.nextInt(3),
        random.nextInt(3),
        parts.get(random.nextInt(parts.size())),
        builds.get(random.nextInt(builds.size())));
  }
}

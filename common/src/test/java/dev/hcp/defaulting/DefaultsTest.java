package dev.hcp.defaulting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultsTest {
  private static final long SEED = 20_260_104L;
  private static final String KIND = "HostedControlPlane";

  @ParameterizedTest
  @CsvSource({"1.36.3, v1.36.3", "v1.36, v1.36.0", "1.36, v1.36.0", "1.36.0-rc.1, v1.36.0-rc.1"})
  void versionsGetTheirNormalForm(String version, String normal) {
    assertThat(Defaults.of(KIND, object(Map.of("version", version, "replicas", 3))))
        .containsExactly(new Default("/spec/version", normal));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.36.3", "v1.36.0-rc.1+b", "banana", ""})
  void otherVersionsAreLeftAlone(String version) {
    assertThat(Defaults.of(KIND, object(Map.of("version", version, "replicas", 3)))).isEmpty();
  }

  @Test
  void thereAreTwoApiServers() {
    assertThat(Defaults.of(KIND, object(Map.of("version", "v1.36.3"))))
        .containsExactly(new Default("/spec/replicas", 2));
  }

  /** A release that changes a default must not change objects that exist. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void aValueThatIsThereIsNeverReplaced(int replicas) {
    assertThat(Defaults.of(KIND, object(Map.of("version", "v1.36.3", "replicas", replicas))))
        .isEmpty();
  }

  @Test
  void malformedObjectsAreLeftToTheSchema() {
    assertThat(Defaults.of(KIND, Map.of())).isEmpty();
    assertThat(Defaults.of(KIND, Map.of("spec", List.of()))).isEmpty();
    assertThat(Defaults.of(KIND, object(Map.of("version", 1, "replicas", "many")))).isEmpty();
  }

  @Test
  void templatesGetNothing() {
    assertThat(
            Defaults.of(
                "HostedControlPlaneTemplate", object(Map.of("template", Map.of("spec", Map.of())))))
        .isEmpty();
  }

  @Test
  void applyingDefaultsTwiceIsApplyingThemOnce() {
    var random = new Random(SEED);
    var values = new ArrayList<Object>(List.of("1.36.3", "v1.36", "banana", "", 0, 3, true));
    for (int i = 0; i < 1_000; i++) {
      var spec = new HashMap<String, Object>();
      for (var field : List.of("version", "replicas", "gateway")) {
        if (random.nextBoolean()) {
          spec.put(field, values.get(random.nextInt(values.size())));
        }
      }
      for (var value : Defaults.of(KIND, object(spec))) {
        assertThat(value.pointer()).startsWith("/spec/");
        spec.put(value.pointer().substring("/spec/".length()), value.value());
      }
      assertThat(Defaults.of(KIND, object(spec))).as("%s", spec).isEmpty();
    }
  }

  private static Map<String, Object> object(Map<String, ?> spec) {
    return Map.of("spec", spec);
  }
}

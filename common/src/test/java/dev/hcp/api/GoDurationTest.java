package dev.hcp.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hcp.api.v1alpha1.GoDuration;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  private static final long SEED = 20_260_103L;

  @ParameterizedTest
  @CsvSource({
    "2160h, PT2160H, 2160h",
    "1h30m, PT1H30M, 1h30m",
    "90m, PT1H30M, 1h30m",
    "1.5h, PT1H30M, 1h30m",
    "30m1h, PT1H30M, 1h30m",
    "0s, PT0S, 0s",
    "1500ms, PT1.5S, 1s500000000ns",
    "1us1ns, PT0.000001001S, 1001ns"
  })
  void readsAndWrites(String text, Duration duration, String written) {
    assertThat(GoDuration.parse(text)).isEqualTo(duration);
    assertThat(GoDuration.format(duration)).isEqualTo(written);
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    var random = new Random(SEED);
    for (int i = 0; i < 5_000; i++) {
      long bound = 1L << (1 + random.nextInt(62));
      var duration = Duration.ofNanos(random.nextLong(bound));
      assertThat(GoDuration.parse(GoDuration.format(duration))).isEqualTo(duration);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "h", "1d", "-1h", "1h ", "1 h", "1.h", ".5h", "1h30"})
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GoDuration.parse(text))
        .withMessage("\"%s\" is not a duration such as 2160h or 1h30m", text);
  }

  @Test
  void refusesWhatIsTooLong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GoDuration.parse("2562048h"))
        .withMessage("\"2562048h\" is longer than 292 years");
  }
}

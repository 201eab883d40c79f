package dev.hcp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.96.0.0/12, 10.96.0.0/12, 10.96.0.1, 10.96.0.10",
    "10.96.7.8/12, 10.96.0.0/12, 10.96.0.1, 10.96.0.10",
    "192.168.255.240/28, 192.168.255.240/28, 192.168.255.241, 192.168.255.250",
    "fd00::/108, fd00:0:0:0:0:0:0:0/108, fd00:0:0:0:0:0:0:1, fd00:0:0:0:0:0:0:a",
    "255.255.255.0/24, 255.255.255.0/24, 255.255.255.1, 255.255.255.10",
  })
  void addressesAreCountedFromTheLowest(String text, String normal, String first, String tenth) {
    var range = Cidr.parse(text);
    assertThat(range).hasToString(normal);
    assertThat(range.address(1)).isEqualTo(first);
    assertThat(range.address(10)).isEqualTo(tenth);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "x/8", "10.0.0/8/8", "/8"})
  void whatIsNoRangeIsRefusedWithItsText(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .withMessageContaining('"' + text + '"');
  }

  @Test
  void rangeThatIsTooSmallIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse("10.0.0.0/30").address(4))
        .withMessage("10.0.0.0/30 has no address number 4: the range is too small");
    assertThat(Cidr.parse("10.0.0.0/30").address(3)).isEqualTo("10.0.0.3");
  }
}

package dev.hcp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
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
    "fd00::/108, fd00::/108, fd00::1, fd00::a",
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

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, 10.0.0.0/16, true",
    "10.0.0.0/8, 10.0.0.0/16, true",
    "10.0.0.0/16, 10.0.0.0/16, false",
    "10.0.0.0/16, 10.0.0.0/8, false",
    "10.0.0.0/16, 10.1.0.0/24, false",
    "0.0.0.0/0, fd00::/48, false",
    "::/0, fd00::/48, true",
  })
  void knowsWhatItHolds(String range, String other, boolean wider) {
    assertThat(Cidr.parse(range).isWiderThan(Cidr.parse(other))).isEqualTo(wider);
  }

  @Test
  void anAddressIsARange() {
    assertThat(Cidr.host(InetAddress.ofLiteral("192.0.2.7"))).hasToString("192.0.2.7/32");
    assertThat(Cidr.host(InetAddress.ofLiteral("fd00::7"))).isEqualTo(Cidr.parse("fd00::7/128"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "::/0, ::/0",
    "fd00:0:0::/48, fd00::/48",
    "2001:db8:0:1::/64, 2001:db8:0:1::/64",
    "1:0:0:2:0:0:0:3/128, 1:0:0:2::3/128",
    "1:0:0:2:3:0:0:4/128, 1::2:3:0:0:4/128",
    "1:2:3:4:5:6:7:8/128, 1:2:3:4:5:6:7:8/128",
  })
  void canonicalFormLeavesOutTheLongestRunOfZeros(String text, String canonical) {
    assertThat(Cidr.parse(text).canonical()).isEqualTo(canonical);
  }
}

package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Go's {@code strconv} and pflag read. */
final class FlagValuesTest {
  @ParameterizedTest
  @CsvSource({
    "int32, 2147483647",
    "int32, -2147483648",
    "int32, 0x7fff_ffff",
    "int, 0b101",
    "int, +017",
    "int64, 9223372036854775807",
    "uint16, 65535",
    "uint32, 0xffffffff",
    "uint, 18446744073709551615",
    "Level, 4",
    "Level, 08",
    "float32, -1.5e3",
    "float32, .5",
    "float64, 5.",
    "float64, Inf",
    "ip, 0.0.0.0",
    "ip, ::",
    "ip, 2001:db8::7",
    "stringToString, a=",
    "stringToString, 'a,b=c'",
    "int, $(NUMBER)",
    "ProxyMode, whatever"
  })
  void whatAProgramReadsFits(String type, String value) {
    assertThat(FlagValues.fits(type, value)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "int32, 2147483648",
    "int32, -2147483649",
    "int, 9223372036854775808",
    "int, 08",
    "Level, 0x4",
    "Level, 4294967296",
    "int, ''",
    "int, 1.5",
    "uint16, 65536",
    "uint32, 0x100000000",
    "uint, -1",
    "uint64, 18446744073709551616",
    "float32, 1.5.2",
    "float32, e3",
    "float64, ''",
    "ip, 10.1",
    "ip, localhost",
    "ip, 256.0.0.1",
    "ip, ''",
    "stringToString, a"
  })
  void whatItCannotReadDoesNot(String type, String value) {
    assertThat(FlagValues.fits(type, value)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "uint16, must be a whole number from 0 to 65535",
    "int32, must be a whole number from -2147483648 to 2147483647",
    "Level, must be a whole number",
    "uint64, must be a whole number from 0 to 18446744073709551615"
  })
  void theRangeIsNamed(String type, String accepted) {
    assertThat(FlagValues.accepted(type)).isEqualTo(accepted);
  }
}

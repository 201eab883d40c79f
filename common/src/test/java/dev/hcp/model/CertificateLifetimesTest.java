package dev.hcp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.GoDuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateLifetimesTest {
  @Test
  void authoritiesLiveTenYearsAndTheRestNinetyDays() {
    assertThat(CertificateLifetimes.of(null)).isEqualTo(lifetimes("87600h", "87600h", "2160h"));
    assertThat(CertificateLifetimes.of(new Certificates(null, null, null)))
        .isEqualTo(CertificateLifetimes.of(null));
  }

  @ParameterizedTest
  @CsvSource({
    // set: root CA, CA, leaf; effective: root CA, CA, leaf
    "48h, 48h, , 48h, 48h, 24h",
    "48h, , , 48h, 48h, 24h",
    ", 48h, , 87600h, 48h, 24h",
    ", 175200h, , 175200h, 175200h, 2160h",
    "175200h, , , 175200h, 87600h, 2160h",
    "24h, 48h, , 24h, 48h, 12h",
    "48h, 24h, 1h, 48h, 24h, 1h",
    ", , 1h30m, 87600h, 87600h, 1h30m"
  })
  void defaultsFitWhatIsSet(
      @Nullable String setRootCa,
      @Nullable String setCa,
      @Nullable String setLeaf,
      String rootCa,
      String ca,
      String leaf) {
    assertThat(CertificateLifetimes.of(new Certificates(setRootCa, setCa, setLeaf)))
        .isEqualTo(lifetimes(rootCa, ca, leaf));
  }

  private static CertificateLifetimes lifetimes(String rootCa, String ca, String leaf) {
    return new CertificateLifetimes(
        GoDuration.parse(rootCa), GoDuration.parse(ca), GoDuration.parse(leaf));
  }
}

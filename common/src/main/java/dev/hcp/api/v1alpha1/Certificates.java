package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Lifetimes of certificates, as durations such as `2160h`. Certificates are renewed before they end
 * without restarting anything. At most 999999h, 9999999m and 999999999s.
 *
 * @param rootCaCertificateDuration Lifetime of the Kubernetes CA certificate. Not shorter than
 *     `caCertificateDuration`. Default: 87600h (10 years).
 * @param caCertificateDuration Lifetime of the etcd and front-proxy CA certificates. At least twice
 *     the leaf lifetime. Default: 87600h (10 years).
 * @param leafCertificateDuration Lifetime of all other certificates, at least 1h. Default: 2160h
 *     (90 days).
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.rootCaCertificateDuration) || !has(self.caCertificateDuration)"
            + " || !self.rootCaCertificateDuration.matches(r'"
            + Certificates.FORM
            + "') || !self.caCertificateDuration.matches(r'"
            + Certificates.FORM
            + "') || duration(self.rootCaCertificateDuration)"
            + " >= duration(self.caCertificateDuration)",
    messageExpression =
        "'\"' + self.rootCaCertificateDuration"
            + " + '\": must be at least caCertificateDuration, ' + self.caCertificateDuration",
    fieldPath = ".rootCaCertificateDuration")
@ValidationRule(
    value =
        "!has(self.leafCertificateDuration) || ["
            + Certificates.ROOT_CA
            + ", "
            + Certificates.CA
            + ", self.leafCertificateDuration].exists(d, !d.matches(r'"
            + Certificates.FORM
            + "')) || ["
            + Certificates.ROOT_CA
            + ", "
            + Certificates.CA
            + "].all(d, duration(d).getSeconds()"
            + " >= 2 * duration(self.leafCertificateDuration).getSeconds())",
    messageExpression =
        "'\"' + self.leafCertificateDuration"
            + " + '\": must be at most half as long as the CA certificates, which last ' + (duration("
            + Certificates.ROOT_CA
            + ") < duration("
            + Certificates.CA
            + ") ? "
            + Certificates.ROOT_CA
            + " : "
            + Certificates.CA
            + ")",
    fieldPath = ".leafCertificateDuration")
public record Certificates(
    @Size(max = 32)
        @ValidationRule(value = Certificates.IS_CA_LIFETIME, message = Certificates.CA_LIFETIME)
        @Nullable String rootCaCertificateDuration,
    @Size(max = 32)
        @ValidationRule(value = Certificates.IS_CA_LIFETIME, message = Certificates.CA_LIFETIME)
        @Nullable String caCertificateDuration,
    @Size(max = 32)
        @ValidationRule(value = Certificates.IS_LEAF_LIFETIME, message = Certificates.LEAF_LIFETIME)
        @Nullable String leafCertificateDuration) {

  /**
   * What a lifetime looks like. Each unit occurs once and with so few digits that no sum of them
   * exceeds what CEL and Go can hold, 292 years.
   */
  public static final String FORM =
      "^("
          + Certificates.HOURS
          + "("
          + Certificates.MINUTES
          + ")?("
          + Certificates.SECONDS
          + ")?|"
          + Certificates.MINUTES
          + "("
          + Certificates.SECONDS
          + ")?|"
          + Certificates.SECONDS
          + ")$";

  private static final String HOURS = "[0-9]{1,6}([.][0-9]+)?h";
  private static final String MINUTES = "[0-9]{1,7}([.][0-9]+)?m";
  private static final String SECONDS = "[0-9]{1,9}([.][0-9]+)?s";

  /** What is accepted as the lifetime of a CA. */
  public static final String CA_LIFETIME =
      "must be a duration of at least 2h in hours, minutes and seconds, for example 87600h";

  /** What is accepted as the lifetime of a certificate that is no CA. */
  public static final String LEAF_LIFETIME =
      "must be a duration of at least 1h in hours, minutes and seconds, for example 2160h";

  static final String IS_CA_LIFETIME =
      "self.matches(r'" + FORM + "') && duration(self) >= duration('2h')";
  static final String IS_LEAF_LIFETIME =
      "self.matches(r'" + FORM + "') && duration(self) >= duration('1h')";
  static final String ROOT_CA =
      "(has(self.rootCaCertificateDuration) ? self.rootCaCertificateDuration : '87600h')";
  static final String CA =
      "(has(self.caCertificateDuration) ? self.caCertificateDuration : '87600h')";
}

package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Lifetimes of certificates, as durations such as `2160h`. Certificates are renewed before they end
 * without restarting anything.
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
            + " || duration(self.rootCaCertificateDuration)"
            + " >= duration(self.caCertificateDuration)",
    messageExpression =
        "'rootCaCertificateDuration is ' + self.rootCaCertificateDuration"
            + " + ' but must be at least caCertificateDuration, ' + self.caCertificateDuration")
@ValidationRule(
    value =
        "!has(self.caCertificateDuration) || !has(self.leafCertificateDuration)"
            + " || duration(self.caCertificateDuration).getSeconds()"
            + " >= 2 * duration(self.leafCertificateDuration).getSeconds()",
    messageExpression =
        "'caCertificateDuration is ' + self.caCertificateDuration"
            + " + ' but must be at least twice leafCertificateDuration, '"
            + " + self.leafCertificateDuration")
public record Certificates(
    @Pattern(GoDuration.PATTERN) @Nullable String rootCaCertificateDuration,
    @Pattern(GoDuration.PATTERN) @Nullable String caCertificateDuration,
    @Pattern(GoDuration.PATTERN)
        @ValidationRule(
            value = "duration(self) >= duration('1h')",
            messageExpression = "'must be at least 1h, not ' + self")
        @Nullable String leafCertificateDuration) {}

package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
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
public record Certificates(
    @Pattern(GoDuration.PATTERN) @Nullable String rootCaCertificateDuration,
    @Pattern(GoDuration.PATTERN) @Nullable String caCertificateDuration,
    @Pattern(GoDuration.PATTERN) @Nullable String leafCertificateDuration) {}

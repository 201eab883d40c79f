package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that was issued.
 *
 * @param name Name of the Certificate, and of the Secret that it is kept in.
 * @param ready Whether it is valid, as wanted, and not overdue to be renewed.
 * @param reason Why it is not: `RenewalOverdue`, `CertificateExpired`, or `CertificateNotReady`
 *     while another one is issued in its place.
 * @param message What is the matter with it, and what cert-manager says of that; only if it is not
 *     ready.
 * @param notAfter When it expires.
 * @param renewalTime When it is due to be renewed.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CredentialStatus(
    @Required String name,
    @Nullable Boolean ready,
    @Nullable String reason,
    @Nullable String message,
    @Nullable String notAfter,
    @Nullable String renewalTime) {}

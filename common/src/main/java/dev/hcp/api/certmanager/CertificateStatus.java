package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of a Certificate.
 *
 * @param conditions state of each aspect
 * @param notBefore start of the lifetime
 * @param notAfter end of the lifetime
 * @param renewalTime when it will be renewed
 * @param failedIssuanceAttempts failed attempts since the last success
 * @param lastFailureTime when the last of them failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertificateStatus(
    @Nullable List<CertManagerCondition> conditions,
    @Nullable String notBefore,
    @Nullable String notAfter,
    @Nullable String renewalTime,
    @Nullable Integer failedIssuanceAttempts,
    @Nullable String lastFailureTime) {}

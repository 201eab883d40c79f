package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Spec of an Issuer: one of its parts is set.
 *
 * @param selfSigned signs with the key of the certificate itself
 * @param ca signs with the key of an authority
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record IssuerSpec(@Nullable SelfSignedIssuer selfSigned, @Nullable CaIssuer ca) {}

package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * An issuer that signs with the key of an authority.
 *
 * @param secretName Secret with certificate and key of the authority
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CaIssuer(String secretName) {}

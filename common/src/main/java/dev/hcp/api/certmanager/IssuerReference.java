package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Who signs a certificate.
 *
 * @param name name of the issuer
 * @param kind kind of the issuer
 * @param group API group of the issuer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record IssuerReference(String name, String kind, String group) {}

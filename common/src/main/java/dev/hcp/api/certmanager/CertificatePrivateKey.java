package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How a private key is made.
 *
 * @param algorithm RSA or ECDSA
 * @param size bits
 * @param encoding PKCS1 or PKCS8
 * @param rotationPolicy Always for a new key at each renewal, or Never
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertificatePrivateKey(
    String algorithm, int size, String encoding, String rotationPolicy) {}

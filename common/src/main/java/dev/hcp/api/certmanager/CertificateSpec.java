package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a Certificate.
 *
 * @param secretName Secret that the certificate is kept in
 * @param issuerRef who signs it
 * @param commonName common name of the subject
 * @param subject other parts of the subject
 * @param dnsNames DNS subject alternative names
 * @param ipAddresses IP subject alternative names
 * @param usages key usages, in cert-manager's words
 * @param isCA whether it may sign others
 * @param duration lifetime
 * @param renewBeforePercentage how much of the lifetime is left at renewal, in per cent
 * @param privateKey how the key is made
 * @param revisionHistoryLimit how many past requests are kept
 * @param secretTemplate metadata of the Secret
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertificateSpec(
    String secretName,
    IssuerReference issuerRef,
    String commonName,
    @Nullable CertificateSubject subject,
    @Nullable List<String> dnsNames,
    @Nullable List<String> ipAddresses,
    List<String> usages,
    boolean isCA,
    String duration,
    int renewBeforePercentage,
    CertificatePrivateKey privateKey,
    int revisionHistoryLimit,
    CertificateSecretTemplate secretTemplate) {

  /** The same of another subject and lifetime. */
  public CertificateSpec with(@Nullable CertificateSubject of, String lifetime) {
    return new CertificateSpec(
        secretName,
        issuerRef,
        commonName,
        of,
        dnsNames,
        ipAddresses,
        usages,
        isCA,
        lifetime,
        renewBeforePercentage,
        privateKey,
        revisionHistoryLimit,
        secretTemplate);
  }
}

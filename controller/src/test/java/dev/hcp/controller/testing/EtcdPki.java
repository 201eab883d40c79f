package dev.hcp.controller.testing;

import org.bouncycastle.asn1.x509.GeneralName;

/** A CA that signs certificates of etcd members on this machine, and of their clients. */
public final class EtcdPki {
  private final TestAuthority ca = new TestAuthority("etcd-ca");

  /**
   * A certificate and its key.
   *
   * @param certificate PEM
   * @param key PEM, PKCS #8
   */
  public record Identity(String certificate, String key) {}

  /** PEM of the CA. */
  public String authority() {
    return ca.pem();
  }

  /** A new certificate for {@code localhost}, for servers and clients. */
  public Identity issue(String commonName) {
    var issued =
        ca.issue(
            commonName,
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    return new Identity(issued.certificatePem(), issued.keyPem());
  }
}

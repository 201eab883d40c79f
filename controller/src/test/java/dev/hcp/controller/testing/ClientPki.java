package dev.hcp.controller.testing;

import dev.hcp.process.TestPki;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** A CA for clients. */
public final class ClientPki {
  private final TestAuthority ca = new TestAuthority("clients");

  /** PEM of the CA. */
  public String authority() {
    return ca.pem();
  }

  /** PEM of a new certificate of a client and of its key, as in a Secret of cert-manager. */
  public Map<String, String> secret(String user, List<String> groups) {
    var issued = ca.issueToMember(user, groups.toArray(String[]::new));
    return Map.of("tls.crt", issued.certificatePem(), "tls.key", issued.keyPem());
  }

  /** TLS of a client with a new certificate, which takes servers for who they say they are. */
  public SSLContext client(String user, String group) {
    var issued = ca.issueToMember(user, group);
    return TestPki.trustingAnybody(
        TestPki.keyManagers(issued.key().getPrivate(), issued.certificate()));
  }
}

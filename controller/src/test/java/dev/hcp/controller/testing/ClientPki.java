package dev.hcp.controller.testing;

import dev.hcp.process.TestPki;
import javax.net.ssl.SSLContext;

/** A CA for clients. */
public final class ClientPki {
  private final TestAuthority ca = new TestAuthority("clients");

  /** PEM of the CA. */
  public String authority() {
    return ca.pem();
  }

  /** TLS of a client with a new certificate, which takes servers for who they say they are. */
  public SSLContext client(String user, String group) {
    var issued = ca.issueToMember(user, group);
    return TestPki.trustingAnybody(
        TestPki.keyManagers(issued.key().getPrivate(), issued.certificate()));
  }
}

package dev.hcp.controller.testing;

import dev.hcp.process.TestPki;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.GeneralName;

/** A CA and a server certificate for one host name. */
public final class ServerPki {
  private final TestAuthority ca = new TestAuthority("ca");
  private final TestAuthority.Issued server;

  /** Makes both. */
  public ServerPki(String host) {
    server = ca.issue("server", new GeneralName(GeneralName.dNSName, host));
  }

  /** PEM of the CA. */
  public String authority() {
    return ca.pem();
  }

  /** TLS of the server. */
  public SSLContext serverContext() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(
          TestPki.keyManagers(server.key().getPrivate(), server.certificate()), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.hcp.controller.testing;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
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
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "server",
          server.key().getPrivate(),
          new char[0],
          new Certificate[] {server.certificate()});
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

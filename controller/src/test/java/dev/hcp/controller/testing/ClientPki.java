package dev.hcp.controller.testing;

import dev.hcp.process.TestPki;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
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
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "client",
          issued.key().getPrivate(),
          new char[0],
          new Certificate[] {issued.certificate()});
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      return TestPki.trustingAnybody(keys.getKeyManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

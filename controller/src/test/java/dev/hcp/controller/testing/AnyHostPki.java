package dev.hcp.controller.testing;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;

/** A CA, and a server that has a certificate for whatever name it is called by. */
public final class AnyHostPki {
  private final TestAuthority ca = new TestAuthority("any host");
  private final Map<String, TestAuthority.Issued> servers = new ConcurrentHashMap<>();

  /** PEM of the CA. */
  public String authority() {
    return ca.pem();
  }

  /** PEM of the CA's private key. */
  public String authorityKey() {
    return ca.keyPem();
  }

  /** A new certificate for a client. */
  public EtcdPki.Identity client(String user, String group) {
    var issued = ca.issueToMember(user, group);
    return new EtcdPki.Identity(issued.certificatePem(), issued.keyPem());
  }

  /** TLS of the server. Certificates are made when they are first asked for. */
  public SSLContext server() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new ByServerName()}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Aliases are host names. */
  private final class ByServerName extends X509ExtendedKeyManager {
    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      var session = (ExtendedSSLSession) ((SSLSocket) socket).getHandshakeSession();
      return keyType.equals("EC")
          ? session.getRequestedServerNames().stream()
              .filter(SNIHostName.class::isInstance)
              .map(SNIServerName::getEncoded)
              .map(name -> new SNIHostName(name).getAsciiName())
              .findFirst()
              .orElse(null)
          : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String host) {
      return new X509Certificate[] {(X509Certificate) issued(host).certificate()};
    }

    @Override
    public PrivateKey getPrivateKey(String host) {
      return issued(host).key().getPrivate();
    }

    private TestAuthority.Issued issued(String host) {
      return servers.computeIfAbsent(
          host, name -> ca.issue("server", new GeneralName(GeneralName.dNSName, name)));
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return servers.keySet().toArray(String[]::new);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }
  }
}

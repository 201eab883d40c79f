package dev.hcp.process;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Gives every new handshake the identity that is current at its start. A handshake asks for alias,
 * key and chain one after the other; the alias therefore names one identity, and the one before the
 * current stays available, so that an exchange in between never mixes two of them.
 */
final class ReloadingKeyManager extends X509ExtendedKeyManager {
  private record Generation(String alias, TlsIdentity identity) {}

  private record Generations(Generation current, Optional<Generation> previous) {}

  private volatile Generations generations;

  ReloadingKeyManager(TlsIdentity first) {
    this.generations = new Generations(generation(first), Optional.empty());
  }

  /** Serves another identity from now on. */
  synchronized void replace(TlsIdentity identity) {
    generations = new Generations(generation(identity), Optional.of(generations.current()));
  }

  /** What new handshakes get. */
  TlsIdentity current() {
    return generations.current().identity();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return serverAlias(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return serverAlias(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    var alias = serverAlias(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return identity(alias).map(TlsIdentity::key).orElse(null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return identity(alias)
        .map(identity -> identity.chain().toArray(X509Certificate[]::new))
        .orElse(null);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  private @Nullable String serverAlias(String keyType) {
    var current = generations.current();
    return current.identity().key().getAlgorithm().equals(keyType) ? current.alias() : null;
  }

  private Optional<TlsIdentity> identity(String alias) {
    var snapshot = generations;
    if (snapshot.current().alias().equals(alias)) {
      return Optional.of(snapshot.current().identity());
    }
    return snapshot
        .previous()
        .filter(previous -> previous.alias().equals(alias))
        .map(Generation::identity);
  }

  private static Generation generation(TlsIdentity identity) {
    var certificate = identity.certificate();
    return new Generation(
        certificate.getSerialNumber().toString(16) + "-" + System.identityHashCode(identity),
        identity);
  }
}

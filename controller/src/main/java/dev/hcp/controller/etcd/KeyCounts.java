package dev.hcp.controller.etcd;

import com.google.protobuf.ByteString;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.naming.Labels;
import dev.hcp.process.Authorities;
import dev.hcp.process.TlsIdentity;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;

/**
 * Counts the keys that a member has. It is done once for each backup, by a connection of its own:
 * the member goes through its index of all keys, which takes no reading of the database, but longer
 * than other requests may.
 *
 * @param deadline how long a count may take
 */
public record KeyCounts(Duration deadline) {
  /** What suits some millions of keys. */
  public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

  /** The lowest key; as the end of a range, it stands for no end. */
  private static final ByteString ALL = ByteString.copyFrom(new byte[] {0});

  /**
   * Number of keys at a revision, as this member knows it without asking the others.
   *
   * @throws EtcdException if it gives none, as when the revision was dropped
   */
  public long count(EtcdAccess access, String member, long revision) {
    var channel = channel(access, member);
    try {
      return KVGrpc.newBlockingStub(channel)
          .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
          .range(
              RangeRequest.newBuilder()
                  .setKey(ALL)
                  .setRangeEnd(ALL)
                  .setRevision(revision)
                  .setSerializable(true)
                  .setCountOnly(true)
                  .build())
          .getCount();
    } catch (StatusRuntimeException e) {
      throw new EtcdException(
          EtcdException.Kind.REFUSED,
          "member %s does not count its keys: %s".formatted(member, e.getMessage()),
          e);
    } finally {
      var _ = channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(EtcdAccess access, String member) {
    var endpoint =
        access.members().stream()
            .filter(candidate -> candidate.member().equals(member))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no member " + member));
    try {
      var identity = TlsIdentity.parse(access.certificate(), access.key());
      return NettyChannelBuilder.forTarget(
              "dns:///%s:%d".formatted(endpoint.host(), endpoint.port()))
          .sslContext(
              GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                  .trustManager(
                      (X509TrustManager) Authorities.trustManagers(access.authorities())[0])
                  .keyManager(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                  .build())
          .userAgent(Labels.MANAGER)
          .proxyDetector(_ -> null)
          .disableServiceConfigLookUp()
          .build();
    } catch (GeneralSecurityException | SSLException e) {
      throw new EtcdException(
          EtcdException.Kind.CREDENTIALS,
          "the certificates for etcd cannot be used: " + e.getMessage(),
          e);
    }
  }
}

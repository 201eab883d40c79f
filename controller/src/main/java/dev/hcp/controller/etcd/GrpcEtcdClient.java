package dev.hcp.controller.etcd;

import com.google.protobuf.ByteString;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.naming.Labels;
import dev.hcp.process.TlsIdentity;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.HashKVRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/** A client by jetcd's gRPC stubs, with a connection for each member. */
final class GrpcEtcdClient implements EtcdClient, AutoCloseable {
  /** Connections that are not used for that long are closed. */
  private static final Duration IDLE = Duration.ofMinutes(3);

  /** A connection on which nothing comes for that long, though something should, is probed. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

  private static final Duration KEEP_ALIVE_ANSWER = Duration.ofSeconds(10);

  /** etcd answers 32 KiB pieces and small messages; this leaves room for long lists. */
  private static final int LONGEST_MESSAGE = 4 * 1024 * 1024;

  /** Fields of a status that jetcd does not know: since etcd 3.6. */
  private static final int QUOTA_FIELD = 12;

  private final Map<String, ManagedChannel> channels;
  private final EtcdClients.Deadlines deadlines;

  private GrpcEtcdClient(Map<String, ManagedChannel> channels, EtcdClients.Deadlines deadlines) {
    this.channels = channels;
    this.deadlines = deadlines;
  }

  /**
   * Makes no connection yet.
   *
   * @throws EtcdException if the credentials cannot be used
   */
  static GrpcEtcdClient open(EtcdAccess access, EtcdClients.Deadlines deadlines) {
    var tls = tls(access);
    var channels = new LinkedHashMap<String, ManagedChannel>();
    for (var endpoint : access.members()) {
      channels.put(
          endpoint.member(),
          NettyChannelBuilder.forTarget("dns:///%s:%d".formatted(endpoint.host(), endpoint.port()))
              .sslContext(tls)
              .userAgent(Labels.MANAGER)
              .proxyDetector(_ -> null)
              .disableServiceConfigLookUp()
              .idleTimeout(IDLE.toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTimeout(KEEP_ALIVE_ANSWER.toMillis(), TimeUnit.MILLISECONDS)
              .maxInboundMessageSize(LONGEST_MESSAGE)
              .build());
    }
    return new GrpcEtcdClient(channels, deadlines);
  }

  private static SslContext tls(EtcdAccess access) {
    try {
      var identity = TlsIdentity.parse(access.certificate(), access.key());
      return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
          .trustManager(certificates(access.authorities()))
          .keyManager(identity.key(), identity.chain().toArray(X509Certificate[]::new))
          .build();
    } catch (GeneralSecurityException | SSLException e) {
      throw new EtcdException(
          EtcdException.Kind.CREDENTIALS,
          "the certificates for etcd cannot be used: " + e.getMessage(),
          e);
    }
  }

  private static X509Certificate[] certificates(String pem) throws CertificateException {
    var certificates =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)))
            .stream()
            .map(X509Certificate.class::cast)
            .toArray(X509Certificate[]::new);
    if (certificates.length == 0) {
      // With none of its own, the TLS library would trust those of the machine.
      throw new CertificateException("there is no certificate of an authority");
    }
    return certificates;
  }

  @Override
  public List<String> members() {
    return List.copyOf(channels.keySet());
  }

  @Override
  public MemberStatus status(String member) {
    return ask(
        member,
        deadlines.request(),
        channel ->
            status(
                maintenance(channel, deadlines.request())
                    .status(StatusRequest.getDefaultInstance())));
  }

  private static MemberStatus status(StatusResponse response) {
    var header = response.getHeader();
    var quota = response.getUnknownFields().getField(QUOTA_FIELD).getVarintList();
    return new MemberStatus(
        new EtcdId(header.getClusterId()),
        new EtcdId(header.getMemberId()),
        new EtcdId(response.getLeader()),
        response.getIsLearner(),
        response.getRaftTerm(),
        response.getRaftIndex(),
        response.getRaftAppliedIndex(),
        header.getRevision(),
        response.getDbSize(),
        response.getDbSizeInUse(),
        quota.isEmpty() ? OptionalLong.empty() : OptionalLong.of(quota.getLast()),
        response.getVersion(),
        List.copyOf(response.getErrorsList()));
  }

  @Override
  public MemberList list(String member) {
    var response =
        ask(
            member,
            deadlines.request(),
            channel ->
                cluster(channel, deadlines.request())
                    .memberList(MemberListRequest.getDefaultInstance()));
    return new MemberList(
        new EtcdId(response.getHeader().getClusterId()),
        response.getMembersList().stream()
            .map(entry ->
                new MemberList.Entry(
                    new EtcdId(entry.getID()),
                    entry.getName(),
                    List.copyOf(entry.getPeerURLsList()),
                    entry.getIsLearner()))
            .toList());
  }

  @Override
  public KeyRead read(String member, String key) {
    var response =
        ask(
            member,
            deadlines.request(),
            channel ->
                keys(channel, deadlines.request())
                    .range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build()));
    return new KeyRead(
        new EtcdId(response.getHeader().getClusterId()),
        response.getHeader().getRevision(),
        response.getKvsList().stream().findFirst().map(found -> found.getValue().toStringUtf8()));
  }

  @Override
  public boolean putIfAbsent(String member, String key, String value) {
    var name = ByteString.copyFromUtf8(key);
    var request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(name)
                    .setTarget(Compare.CompareTarget.VERSION)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setVersion(0))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder()
                            .setKey(name)
                            .setValue(ByteString.copyFromUtf8(value))))
            .build();
    return ask(
            member, deadlines.request(), channel -> keys(channel, deadlines.request()).txn(request))
        .getSucceeded();
  }

  @Override
  public List<EtcdAlarm> alarms(String member) {
    var response =
        ask(
            member,
            deadlines.request(),
            channel ->
                maintenance(channel, deadlines.request())
                    .alarm(
                        AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build()));
    return response.getAlarmsList().stream()
        .map(alarm ->
            new EtcdAlarm(
                new EtcdId(alarm.getMemberID()), EtcdAlarm.Kind.of(alarm.getAlarmValue())))
        .toList();
  }

  @Override
  public void disarm(String member, EtcdAlarm alarm) {
    if (alarm.kind() == EtcdAlarm.Kind.UNKNOWN) {
      throw new IllegalArgumentException(
          "nobody knows what the alarm of %s means".formatted(alarm));
    }
    var request =
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
            .setMemberID(alarm.member().value())
            .setAlarmValue(alarm.kind().number())
            .build();
    var _ =
        ask(
            member,
            deadlines.request(),
            channel -> maintenance(channel, deadlines.request()).alarm(request));
  }

  @Override
  public KeyHash hash(String member, long revision) {
    var request = HashKVRequest.newBuilder().setRevision(revision).build();
    var response =
        ask(
            member,
            deadlines.wholeDatabase(),
            channel -> maintenance(channel, deadlines.wholeDatabase()).hashKV(request));
    return new KeyHash(
        revision == 0 ? response.getHeader().getRevision() : revision,
        response.getCompactRevision(),
        response.getHash());
  }

  @Override
  public void moveLeader(String leader, EtcdId successor) {
    var request = MoveLeaderRequest.newBuilder().setTargetID(successor.value()).build();
    var _ =
        ask(
            leader,
            deadlines.request(),
            channel -> maintenance(channel, deadlines.request()).moveLeader(request));
  }

  @Override
  public void addLearner(String member, String peerUrl) {
    var request = MemberAddRequest.newBuilder().addPeerURLs(peerUrl).setIsLearner(true).build();
    var _ =
        ask(
            member,
            deadlines.request(),
            channel -> cluster(channel, deadlines.request()).memberAdd(request));
  }

  @Override
  public void promote(String member, EtcdId learner) {
    var request = MemberPromoteRequest.newBuilder().setID(learner.value()).build();
    var _ =
        ask(
            member,
            deadlines.request(),
            channel -> cluster(channel, deadlines.request()).memberPromote(request));
  }

  @Override
  public void remove(String member, EtcdId removed) {
    var request = MemberRemoveRequest.newBuilder().setID(removed.value()).build();
    try {
      var _ =
          ask(
              member,
              deadlines.request(),
              channel -> cluster(channel, deadlines.request()).memberRemove(request));
    } catch (EtcdException e) {
      if (!(e.getCause() instanceof StatusRuntimeException cause
          && cause.getStatus().getCode() == Status.Code.NOT_FOUND)) {
        throw e;
      }
    }
  }

  @Override
  public void defragment(String member) {
    var _ =
        ask(
            member,
            deadlines.defragmentation(),
            channel ->
                maintenance(channel, deadlines.defragmentation())
                    .defragment(DefragmentRequest.getDefaultInstance()));
  }

  @Override
  public void compact(String member, long revision) {
    var request = CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build();
    try {
      var _ =
          ask(
              member,
              deadlines.wholeDatabase(),
              channel -> keys(channel, deadlines.wholeDatabase()).compact(request));
    } catch (EtcdException e) {
      if (!(e.getCause() instanceof StatusRuntimeException cause
          && cause.getStatus().getCode() == Status.Code.OUT_OF_RANGE
          && String.valueOf(cause.getStatus().getDescription()).contains("compacted"))) {
        throw e;
      }
    }
  }

  @Override
  public long snapshot(String member, Duration longest, SnapshotSink sink) throws IOException {
    var channel = channel(member);
    try {
      return new SnapshotCall(channel, longest, deadlines.piece()).run(sink);
    } catch (StatusRuntimeException e) {
      throw GrpcFailures.of(member, longest, e);
    } catch (SnapshotCall.StalledException e) {
      throw new EtcdException(
          EtcdException.Kind.NO_ANSWER,
          "member %s: nothing more of its snapshot within %d ms"
              .formatted(member, deadlines.piece().toMillis()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtcdException(
          EtcdException.Kind.CANCELLED, "member %s: interrupted".formatted(member), e);
    }
  }

  /** Takes no new requests; those that are under way may end. */
  void retire() {
    channels
        .values()
        .forEach(channel -> {
          var _ = channel.shutdown();
        });
  }

  @Override
  public void close() {
    channels
        .values()
        .forEach(channel -> {
          var _ = channel.shutdownNow();
        });
  }

  private static MaintenanceGrpc.MaintenanceBlockingStub maintenance(
      ManagedChannel channel, Duration deadline) {
    return MaintenanceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static ClusterGrpc.ClusterBlockingStub cluster(
      ManagedChannel channel, Duration deadline) {
    return ClusterGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static KVGrpc.KVBlockingStub keys(ManagedChannel channel, Duration deadline) {
    return KVGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private <T> T ask(String member, Duration deadline, Function<ManagedChannel, T> request) {
    var channel = channel(member);
    try {
      return request.apply(channel);
    } catch (StatusRuntimeException e) {
      throw GrpcFailures.of(member, deadline, e);
    }
  }

  private ManagedChannel channel(String member) {
    var channel = channels.get(member);
    if (channel == null) {
      throw new IllegalArgumentException(
          "member %s is none of %s".formatted(member, channels.keySet()));
    }
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      // When to try again is for those to decide who ask.
      channel.resetConnectBackoff();
    }
    return channel;
  }
}

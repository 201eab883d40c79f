package dev.hcp.controller.backup;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.etcd.EtcdClient;
import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.EtcdException;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.etcd.MemberStatus;
import dev.hcp.controller.plan.EtcdAccess;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Snapshots from the members themselves. */
public final class EtcdSnapshots implements SnapshotSource {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdSnapshots.class);

  private final EtcdClients clients;
  private final KeyCounts counts;

  /**
   * Asks by these.
   *
   * @param counts by which keys are counted
   */
  public EtcdSnapshots(EtcdClients clients, KeyCounts counts) {
    this.clients = clients;
    this.counts = counts;
  }

  @Override
  public Origin stream(
      String namespace, String name, EtcdAccess access, Duration longest, Sink sink)
      throws IOException, InterruptedException {
    try {
      var client = clients.of(namespace, name, access);
      var problems = new ArrayList<String>();
      var members = ask(client, problems);
      var best =
          MemberChoice.best(members)
              .orElseThrow(() ->
                  new SnapshotException(
                      SnapshotException.Kind.NOT_GIVEN,
                      "no member of etcd can give a snapshot"
                          + (problems.isEmpty() ? "" : ": " + String.join("; ", problems)),
                      null));
      var status = best.getValue();
      var keys = keys(access, best.getKey(), status.revision());
      client.snapshot(
          best.getKey(),
          longest,
          (piece, _) -> {
            try {
              sink.accept(piece);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              var interrupted = new InterruptedIOException("interrupted");
              interrupted.initCause(e);
              throw interrupted;
            }
          });
      return new Origin(
          best.getKey(), status.version(), status.cluster().toString(), status.revision(), keys);
    } catch (EtcdException e) {
      throwIfInterrupted(e);
      throw new SnapshotException(
          SnapshotException.Kind.NOT_GIVEN, "no snapshot of etcd: " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      throwIfInterrupted(e);
      throw e;
    }
  }

  /** That a backup can be compared with later; it is worth something without that, too. */
  private OptionalLong keys(EtcdAccess access, String member, long revision)
      throws InterruptedException {
    try {
      return OptionalLong.of(counts.count(access, member, revision));
    } catch (EtcdException e) {
      throwIfInterrupted(e);
      LOG.warn("The keys are not counted, the backup is made without that: {}", e.getMessage());
      return OptionalLong.empty();
    }
  }

  /** What each member says of itself. Those that do not answer are left out. */
  private static Map<String, MemberStatus> ask(EtcdClient client, List<String> problems)
      throws InterruptedException, SnapshotException {
    var members = new HashMap<String, MemberStatus>();
    for (var member : client.members()) {
      try {
        members.put(member, client.status(member));
      } catch (EtcdException e) {
        throwIfInterrupted(e);
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    if (members.values().stream().map(MemberStatus::cluster).distinct().count() > 1) {
      throw new SnapshotException(
          SnapshotException.Kind.NOT_GIVEN,
          "the members of etcd belong to different clusters, so it cannot be told whose data are"
              + " the right ones",
          null);
    }
    if (MemberChoice.isUncertain(members)) {
      throw new SnapshotException(
          SnapshotException.Kind.NOT_GIVEN,
          "etcd says that the data of its members differ, and not whose are the right ones, see"
              + " condition %s".formatted(ConditionType.ETCD.value()),
          null);
    }
    return members;
  }

  private static void throwIfInterrupted(Exception cause) throws InterruptedException {
    if (Thread.interrupted()) {
      var interrupted = new InterruptedException("interrupted while etcd was asked");
      interrupted.initCause(cause);
      throw interrupted;
    }
  }
}

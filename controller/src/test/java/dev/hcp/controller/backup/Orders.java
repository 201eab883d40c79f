package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.schedule.BackupSchedule;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Makes orders of backups, each of them like another but for what matters to a test. */
final class Orders {
  /** Never due: the next leap day after now is far away, or else tomorrow is a better day. */
  private static final String RARELY = "0 0 29 2 *";

  private final String cluster;
  private final BackupSchedule schedule;
  private Instant since;
  private Optional<String> request;
  private StoreAccess store;
  private final EtcdAccess etcd;
  private BackupOrder.Retention retention;
  private Optional<String> encryptionKey;
  private Optional<String> finalOf;
  private Optional<BackupOrder.Lock> lock;

  private Orders(BackupOrder order) {
    cluster = order.cluster();
    schedule = order.schedule();
    since = order.since();
    request = order.request();
    store = order.store();
    etcd = order.etcd();
    retention = order.retention();
    encryptionKey = order.encryptionKey();
    finalOf = order.finalOf();
    lock = order.lock();
  }

  /** One like another. */
  static Orders like(BackupOrder order) {
    return new Orders(order);
  }

  /** One that has been there since now, is never due, and keeps all. */
  static Orders rarely(String namespace, String cluster, StoreAccess store, EtcdAccess etcd) {
    return like(
        new BackupOrder(
            cluster,
            BackupSchedule.parse(RARELY, ZoneOffset.UTC, namespace, cluster),
            Instant.now(),
            Optional.empty(),
            store,
            etcd,
            BackupOrder.Retention.ALL,
            Optional.empty()));
  }

  Orders since(Instant time) {
    since = time;
    return this;
  }

  Orders request(String wanted) {
    request = Optional.of(wanted);
    return this;
  }

  Orders store(StoreAccess other) {
    store = other;
    return this;
  }

  Orders retention(BackupOrder.Retention kept) {
    retention = kept;
    return this;
  }

  Orders encryptionKey(Optional<String> key) {
    encryptionKey = key;
    return this;
  }

  Orders finalOf(String uid) {
    finalOf = Optional.of(uid);
    return this;
  }

  Orders lock(BackupOrder.Lock wanted) {
    lock = Optional.of(wanted);
    return this;
  }

  BackupOrder order() {
    return new BackupOrder(
        cluster, schedule, since, request, store, etcd, retention, encryptionKey, finalOf, lock);
  }
}

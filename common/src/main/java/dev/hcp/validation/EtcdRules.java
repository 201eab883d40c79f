package dev.hcp.validation;

import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Size, volumes and backup of etcd. */
final class EtcdRules {
  /** An even number of members tolerates no more failures than one member less. */
  private static final int DEFAULT_MEMBERS = 3;

  private static final Set<Integer> MEMBERS = Set.of(1, 3, 5);

  private EtcdRules() {}

  static void check(Field field, EtcdComponent etcd) {
    PodRules.check(field, etcd);
    field
        .at("replicas")
        .require(
            etcd.replicas() == null || MEMBERS.contains(etcd.replicas()),
            etcd.replicas(),
            "must be 1, 3 or 5");
    checkVolume(field, etcd);
    if (etcd.backup() != null) {
      checkBackup(field.at("backup"), etcd.backup());
    }
  }

  /** Volumes cannot shrink, a claim cannot change its class, and the number of members is fixed. */
  static void checkChange(
      Field field,
      @Nullable EtcdComponent old,
      @Nullable EtcdComponent updated,
      @Nullable HostedControlPlaneStatus oldStatus) {
    var oldClass = storageClass(old);
    var newClass = storageClass(updated);
    field
        .at("storageClassName")
        .require(
            Objects.equals(oldClass, newClass),
            newClass,
            "must stay %s: it cannot be changed".formatted(oldClass == null ? "unset" : oldClass));

    field
        .at("replicas")
        .require(
            members(old) == members(updated),
            members(updated),
            "must stay %d: the number of members cannot be changed".formatted(members(old)));

    var size = fixedSize(updated);
    var floor =
        autoGrows(old)
            ? Optional.ofNullable(oldStatus).map(HostedControlPlaneStatus::etcdVolumeSize)
            : fixedSize(old);
    if (size.isPresent()
        && floor.isPresent()
        && Quantities.compare(size.get(), floor.get()).orElse(0) < 0) {
      field
          .at("volumeSize")
          .reject(
              Quantities.text(size.get()),
              "must be at least the current %s: volumes cannot shrink"
                  .formatted(Quantities.text(floor.get())));
    }
  }

  private static void checkVolume(Field field, EtcdComponent etcd) {
    var size = etcd.volumeSize();
    if (size != null && !isZero(size)) {
      var positive = Quantities.amount(size).filter(amount -> amount.signum() > 0).isPresent();
      if (!positive) {
        field
            .at("volumeSize")
            .reject(Quantities.text(size), "must be a quantity greater than 0, for example 10Gi");
        return;
      }
      field
          .at("autoGrow")
          .require(
              !autoGrows(etcd),
              true,
              "must be false because volumeSize is set, to %s; or leave volumeSize out"
                  .formatted(Quantities.text(size)));
    } else {
      field
          .at("autoGrow")
          .require(
              autoGrows(etcd),
              false,
              "must be true unless volumeSize is set to a quantity greater than 0, for example"
                  + " 10Gi");
    }
  }

  private static void checkBackup(Field field, EtcdBackup backup) {
    var schedule = field.at("schedule");
    if (!backup.schedule().matches(BackupSchedule.PATTERN)) {
      schedule.reject(
          backup.schedule(),
          "must be @daily, or minute, hour, day of month, month and weekday, each one number or *,"
              + " for example 30 2 * * *");
    } else if (!BackupSchedule.parse(backup.schedule(), "", "").everFires()) {
      schedule.reject(
          backup.schedule(),
          "must name a day that occurs: this schedule never fires; for example 30 2 * * * fires"
              + " every day at 02:30 UTC");
    }
    checkBackupSecret(field.at("secret"), backup.secret());
  }

  private static void checkBackupSecret(Field field, EtcdBackupSecret secret) {
    DnsNames.subdomain(field.at("name"), secret.name());
    if (secret.namespace() != null) {
      DnsNames.label(field.at("namespace"), secret.namespace());
    }
    checkKey(field.at("accessKeyIDKey"), secret.accessKeyIDKey());
    checkKey(field.at("secretAccessKeyKey"), secret.secretAccessKeyKey());
    checkKey(field.at("hostKey"), secret.hostKey());
    checkKey(field.at("regionKey"), secret.regionKey());
    checkKey(field.at("bucketKey"), secret.bucketKey());
  }

  private static void checkKey(Field field, @Nullable String key) {
    if (key != null) {
      DnsNames.key(field, key);
    }
  }

  private static int members(@Nullable EtcdComponent etcd) {
    return etcd == null || etcd.replicas() == null ? DEFAULT_MEMBERS : etcd.replicas();
  }

  private static boolean autoGrows(@Nullable EtcdComponent etcd) {
    return etcd == null || etcd.autoGrow() == null || etcd.autoGrow();
  }

  /** The size that the user wants, if volumes do not grow by themselves. */
  private static Optional<Quantity> fixedSize(@Nullable EtcdComponent etcd) {
    return etcd == null || autoGrows(etcd)
        ? Optional.empty()
        : Optional.ofNullable(etcd.volumeSize());
  }

  private static boolean isZero(Quantity size) {
    return Quantities.amount(size).filter(amount -> amount.signum() == 0).isPresent();
  }

  /** The class; an empty name is as good as none. */
  private static @Nullable String storageClass(@Nullable EtcdComponent etcd) {
    return etcd == null || "".equals(etcd.storageClassName()) ? null : etcd.storageClassName();
  }
}

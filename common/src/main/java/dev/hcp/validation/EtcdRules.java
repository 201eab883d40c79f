package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.CredentialsSource;
import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdBackupCredentials;
import dev.hcp.api.v1alpha1.EtcdBackupEncryption;
import dev.hcp.api.v1alpha1.EtcdBackupObjectLock;
import dev.hcp.api.v1alpha1.EtcdBackupRetention;
import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.EtcdQuorumLoss;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.QuorumLossPolicy;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Size, volumes and backup of etcd. */
final class EtcdRules {
  /** etcd reserves 64 MiB for each of its log files, and keeps up to five of them. */
  private static final Quantity SMALLEST_VOLUME = new Quantity("512Mi");

  /** An even number of members tolerates no more failures than one member less. */
  private static final Set<Integer> MEMBERS = Set.of(1, 3, 5);

  private static final Duration SHORTEST_AGE = Duration.ofHours(1);

  private EtcdRules() {}

  static void check(Field field, EtcdComponent etcd) {
    PodRules.check(field, etcd, EnvRules.Owner.ETCD);
    field
        .at("replicas")
        .require(
            etcd.replicas() == null || MEMBERS.contains(etcd.replicas()),
            etcd.replicas(),
            "must be 1, 3 or 5");
    VerticalAutoscalingRules.checkEtcd(field, etcd);
    checkVolume(field, etcd);
    checkMaximum(field.at("maxVolumeSize"), etcd);
    var storageClass = storageClass(etcd);
    if (storageClass != null) {
      DnsNames.subdomain(field.at("storageClassName"), storageClass);
    }
    if (etcd.backup() != null) {
      checkBackup(field.at("backup"), etcd.backup());
    }
    if (etcd.quorumLoss() != null) {
      checkQuorumLoss(field.at("quorumLoss"), etcd.quorumLoss(), etcd.backup());
    }
  }

  private static void checkQuorumLoss(
      Field field, EtcdQuorumLoss loss, @Nullable EtcdBackup backup) {
    boolean fromBackup = loss.policy() == QuorumLossPolicy.FROM_BACKUP;
    field
        .at("policy")
        .require(
            backup != null || !fromBackup,
            "FromBackup",
            "needs etcd.backup, which says where backups are");
    if (backup != null && backup.credentialsSource() != CredentialsSource.SECRET) {
      field
          .at("policy")
          .require(
              !fromBackup,
              "FromBackup",
              "must be Never or FromSurvivor because backup.credentials.source is %s: the pod of a restoration has no identity of its own"
                  .formatted(name(backup.credentialsSource())));
    }
    var age = loss.maxBackupAge();
    if (age != null) {
      checkAge(field.at("maxBackupAge"), age);
      field
          .at("maxBackupAge")
          .require(fromBackup, age, "must not be set unless policy is FromBackup");
    }
  }

  /** Volumes cannot shrink, and a claim cannot change its class. */
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
            Objects.requireNonNullElse(newClass, ""),
            "must stay %s: it cannot be changed".formatted(oldClass == null ? "unset" : oldClass));

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
            .reject(
                Quantities.text(size),
                "must be a quantity greater than 0 and less than 8Ei, for example 10Gi");
        return;
      }
      field
          .at("volumeSize")
          .require(
              Quantities.compare(size, SMALLEST_VOLUME).orElse(0) >= 0,
              Quantities.text(size),
              "must be at least %s, which etcd's logs alone can fill"
                  .formatted(Quantities.text(SMALLEST_VOLUME)));
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

  private static void checkMaximum(Field field, EtcdComponent etcd) {
    var maximum = etcd.maxVolumeSize();
    if (maximum == null) {
      return;
    }
    field.require(
        Quantities.amount(maximum).filter(amount -> amount.signum() > 0).isPresent(),
        Quantities.text(maximum),
        "must be a quantity greater than 0 and less than 8Ei, for example 16Gi");
    field.require(
        autoGrows(etcd), Quantities.text(maximum), "must not be set because autoGrow is false");
  }

  private static void checkBackup(Field field, EtcdBackup backup) {
    checkSchedule(field.at("schedule"), backup.schedule());
    if (backup.timeZone() != null) {
      field
          .at("timeZone")
          .require(
              ZoneId.getAvailableZoneIds().contains(backup.timeZone()),
              backup.timeZone(),
              "must be a name of the IANA time zone database, for example Europe/Berlin or UTC");
    }
    checkBackupSecret(field.at("secret"), backup.secret());
    if (backup.retention() != null) {
      checkRetention(field.at("retention"), backup.retention());
    }
    if (backup.credentials() != null) {
      checkCredentials(field.at("credentials"), backup.credentials());
      field
          .at("restoreDrill")
          .require(
              backup.restoreDrill() == null
                  || backup.credentialsSource() == CredentialsSource.SECRET,
              null,
              "must not be set because credentials.source is %s: the pod of a drill has no identity of its own"
                  .formatted(name(backup.credentialsSource())));
    }
    if (backup.objectLock() != null) {
      int days = backup.objectLock().days();
      field
          .at("objectLock")
          .at("days")
          .require(
              days >= 1 && days <= EtcdBackupObjectLock.LONGEST,
              days,
              "must be 1 to %d".formatted(EtcdBackupObjectLock.LONGEST));
    }
    if (backup.encryption() != null) {
      checkEncryption(field.at("encryption"), backup.encryption());
    }
    if (backup.restoreDrill() != null && backup.restoreDrill().schedule() != null) {
      checkSchedule(field.at("restoreDrill").at("schedule"), backup.restoreDrill().schedule());
    }
  }

  /** Only what the schedule says by itself: clocks that are changed cannot keep it from firing. */
  private static void checkSchedule(Field field, String schedule) {
    if (schedule.length() > BackupSchedule.LONGEST || !schedule.matches(BackupSchedule.PATTERN)) {
      field.reject(schedule, BackupSchedule.FORM);
      return;
    }
    var backwards = BackupSchedule.backwards(schedule);
    if (backwards.isPresent()) {
      field.reject(
          schedule,
          "must have ranges from a lower to a higher number, not %s".formatted(backwards.get()));
    } else if (!BackupSchedule.parse(schedule, ZoneOffset.UTC, "", "").everFires()) {
      field.reject(schedule, BackupSchedule.OCCURS);
    }
  }

  private static void checkEncryption(Field field, EtcdBackupEncryption encryption) {
    DnsNames.subdomain(field.at("secretName"), encryption.secretName());
    if (encryption.secretNamespace() != null) {
      DnsNames.label(field.at("secretNamespace"), encryption.secretNamespace());
    }
    if (encryption.key() != null) {
      DnsNames.key(field.at("key"), encryption.key());
    }
  }

  private static void checkCredentials(Field field, EtcdBackupCredentials credentials) {
    var role = credentials.roleARN();
    boolean assumes = credentials.source() == CredentialsSource.WEB_IDENTITY;
    field
        .at("source")
        .require(
            !assumes || role != null,
            name(credentials.source()),
            "needs roleARN, the role to assume");
    if (role != null) {
      field
          .at("roleARN")
          .require(
              role.length() <= EtcdBackupCredentials.LONGEST_ROLE
                  && role.matches(EtcdBackupCredentials.ROLE),
              role,
              EtcdBackupCredentials.ACCEPTED_ROLE);
      field
          .at("roleARN")
          .require(
              assumes,
              role,
              "must not be set because source is %s".formatted(name(credentials.source())));
    }
  }

  private static String name(CredentialsSource source) {
    return switch (source) {
      case SECRET -> "Secret";
      case WEB_IDENTITY -> "WebIdentity";
      case CONTROLLER -> "Controller";
    };
  }

  private static void checkRetention(Field field, EtcdBackupRetention retention) {
    var count = retention.count();
    field
        .at("count")
        .require(
            count == null || (count >= 1 && count <= EtcdBackupRetention.MOST),
            count,
            "must be 1 to %d".formatted(EtcdBackupRetention.MOST));
    if (retention.age() != null) {
      checkAge(field.at("age"), retention.age());
    }
  }

  private static void checkAge(Field field, String age) {
    field.require(
        age.length() <= EtcdBackupRetention.LONGEST_AGE
            && age.matches(Certificates.FORM)
            && GoDuration.parse(age).compareTo(SHORTEST_AGE) >= 0,
        age,
        EtcdBackupRetention.ACCEPTED_AGE);
  }

  private static void checkBackupSecret(Field field, EtcdBackupSecret secret) {
    DnsNames.subdomain(field.at("name"), secret.name());
    if (secret.namespace() != null) {
      DnsNames.label(field.at("namespace"), secret.namespace());
    }
    var keys = new HashMap<String, String>();
    checkKey(
        field, keys, "accessKeyIDKey", secret.accessKeyIDKey(), EtcdBackupSecret.ACCESS_KEY_ID);
    checkKey(
        field,
        keys,
        "secretAccessKeyKey",
        secret.secretAccessKeyKey(),
        EtcdBackupSecret.SECRET_ACCESS_KEY);
    checkKey(field, keys, "hostKey", secret.hostKey(), EtcdBackupSecret.HOST);
    checkKey(field, keys, "regionKey", secret.regionKey(), EtcdBackupSecret.REGION);
    checkKey(field, keys, "bucketKey", secret.bucketKey(), EtcdBackupSecret.BUCKET);
    checkKey(
        field,
        keys,
        "certificateAuthorityKey",
        secret.certificateAuthorityKey(),
        EtcdBackupSecret.CERTIFICATE_AUTHORITY);
  }

  /** Two keys that are the same would, for example, send the secret key as the name of a host. */
  private static void checkKey(
      Field secret,
      Map<String, String> others,
      String name,
      @Nullable String key,
      String defaultKey) {
    var field = secret.at(name);
    if (key != null) {
      DnsNames.key(field, key);
    }
    var value = Objects.requireNonNullElse(key, defaultKey);
    var other = others.putIfAbsent(value, name);
    field.require(other == null, value, "must differ from %s".formatted(other));
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

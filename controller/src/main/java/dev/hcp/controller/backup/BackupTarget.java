package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdBackupEncryption;
import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.NamedSecret;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.model.ControlPlane;
import dev.hcp.process.BackupIdentities;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is known of where backups go, and of how they are encrypted. */
public sealed interface BackupTarget {
  /**
   * All of it.
   *
   * @param store where they go
   * @param encryptionKey 32 bytes, base64; empty if they are not encrypted
   */
  record Usable(StoreAccess store, Optional<String> encryptionKey) implements BackupTarget {}

  /** Some of it cannot be used. */
  record Unusable(Reason reason, String why) implements BackupTarget {}

  /** A Secret has not been read yet. */
  record Unread(String secret) implements BackupTarget {}

  /**
   * Where backups go.
   *
   * @throws java.util.NoSuchElementException where none are wanted
   */
  static BackupTarget of(Planning planning) {
    var settings = planning.controlPlane().backup().orElseThrow();
    return of(planning, settings.secret(), settings.encryption(), identity(planning, settings));
  }

  /**
   * Where backups are, by the access key in the Secret.
   *
   * @param secret the Secret that says so
   * @param encryption the key by which they are encrypted; null if they are not
   */
  static BackupTarget of(
      Planning planning, EtcdBackupSecret secret, @Nullable EtcdBackupEncryption encryption) {
    return of(planning, secret, encryption, Optional.empty());
  }

  /** The Secrets that backups need. */
  static List<ObjectReference> references(ControlPlane controlPlane) {
    return controlPlane.backup().stream()
        .flatMap(
            settings -> references(controlPlane, settings.secret(), settings.encryption()).stream())
        .toList();
  }

  /** The Secrets that are needed to get at a backup. */
  static List<ObjectReference> references(
      ControlPlane controlPlane,
      EtcdBackupSecret secret,
      @Nullable EtcdBackupEncryption encryption) {
    return Stream.concat(
            Stream.of(store(controlPlane, secret)),
            Stream.ofNullable(encryption).map(key -> key(controlPlane, key)))
        .distinct()
        .toList();
  }

  private static BackupTarget of(
      Planning planning,
      EtcdBackupSecret secret,
      @Nullable EtcdBackupEncryption encryption,
      Optional<StoreCredentials> identity) {
    return read(
        planning,
        store(planning.controlPlane(), secret),
        found -> {
          var store = StoreSecret.read(secret, found, identity);
          return store
              .access()
              .map(access ->
                  notPermitted(planning, access)
                      .<BackupTarget>map(why -> new Unusable(Reason.IDENTITY_NOT_PERMITTED, why))
                      .orElseGet(() -> of(planning, encryption, access)))
              .orElseGet(() ->
                  new Unusable(Reason.BACKUP_SECRET_INVALID, String.join("; ", store.problems())));
        });
  }

  private static BackupTarget of(
      Planning planning, @Nullable EtcdBackupEncryption encryption, StoreAccess store) {
    return encryption == null
        ? new Usable(store, Optional.empty())
        : read(
            planning,
            key(planning.controlPlane(), encryption),
            secret ->
                Optional.ofNullable(secret.getData())
                    .map(data -> data.get(encryption.keyOfEncryptionKey()))
                    .map(Base64.getDecoder()::decode)
                    .flatMap(EncryptionKey::parse)
                    .map(Base64.getEncoder()::encodeToString)
                    .<BackupTarget>map(key -> new Usable(store, Optional.of(key)))
                    .orElseGet(() ->
                        new Unusable(
                            Reason.BACKUP_SECRET_INVALID,
                            "Secret %s, key %s: there is none that is %s"
                                .formatted(
                                    encryption.secretName(),
                                    encryption.keyOfEncryptionKey(),
                                    EncryptionKey.FORM))));
  }

  /** What follows from a Secret; what is wrong with it, if it cannot be used. */
  private static BackupTarget read(
      Planning planning, ObjectReference reference, Function<Secret, BackupTarget> usable) {
    return switch (NamedSecret.read(
        planning, reference, "which backups need", "used for backups")) {
      case NamedSecret.Usable(var secret) -> usable.apply(secret);
      case NamedSecret.Missing() ->
          new Unusable(
              Reason.BACKUP_SECRET_INVALID,
              "Secret %s, which backups need, does not exist".formatted(reference.name()));
      case NamedSecret.Unusable(var reason, var why) -> new Unusable(reason, why);
      case NamedSecret.Unread(var name) -> new Unread(name);
    };
  }

  /** As which identity of the controller the store is asked; empty for the key in the Secret. */
  private static Optional<StoreCredentials> identity(Planning planning, EtcdBackup settings) {
    return switch (settings.credentialsSource()) {
      case SECRET -> Optional.empty();
      case CONTROLLER -> Optional.of(new StoreCredentials.Controller());
      case WEB_IDENTITY ->
          Optional.of(
              StoreCredentials.WebIdentity.of(
                  Objects.requireNonNull(Objects.requireNonNull(settings.credentials()).roleARN()),
                  planning.controlPlane().namespace(),
                  planning.controlPlane().names().cluster()));
    };
  }

  /**
   * Why the controller's identity must not be used, if so: whoever writes a spec would otherwise
   * get wherever the controller gets.
   */
  private static Optional<String> notPermitted(Planning planning, StoreAccess access) {
    var identity =
        switch (access.credentials()) {
          case StoreCredentials.AccessKey _ -> Optional.<String>empty();
          case StoreCredentials.Controller _ -> Optional.of(BackupIdentities.CONTROLLER);
          case StoreCredentials.WebIdentity(var role, _) -> Optional.of(role);
        };
    var namespace = planning.controlPlane().namespace();
    return identity
        .filter(name ->
            !planning
                .observed()
                .identities()
                .permit(namespace, name, access.endpoint(), access.bucket()))
        .map(name ->
            ("the controller does not let control planes of namespace %s use %s with %sbucket %s;"
                    + " whoever runs it can allow that by BACKUP_IDENTITIES: %s=%s@%s%s")
                .formatted(
                    namespace,
                    access.credentials().describe(),
                    access.endpoint().map("store %s and "::formatted).orElse(""),
                    access.bucket(),
                    namespace,
                    name,
                    access.endpoint().map("%s/"::formatted).orElse(""),
                    access.bucket()));
  }

  private static ObjectReference store(ControlPlane controlPlane, EtcdBackupSecret secret) {
    return reference(controlPlane, secret.namespace(), secret.name());
  }

  private static ObjectReference key(ControlPlane controlPlane, EtcdBackupEncryption encryption) {
    return reference(controlPlane, encryption.secretNamespace(), encryption.secretName());
  }

  private static ObjectReference reference(
      ControlPlane controlPlane, @Nullable String namespace, String name) {
    return ObjectReference.secret(
        Objects.requireNonNullElse(namespace, controlPlane.namespace()), name);
  }
}

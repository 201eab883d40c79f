package dev.hcp.webhook.admission;

import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.AuditWebhookTarget;
import dev.hcp.api.v1alpha1.CredentialsSource;
import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdBackupEncryption;
import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Secrets and ConfigMaps that a spec names. */
final class References {
  /**
   * One of the control plane's namespace.
   *
   * @param field field that names it
   * @param object what is named
   * @param keys keys that it must have
   */
  record Reference(String field, KeyedObject object, Set<String> keys) {}

  /**
   * A Secret of another namespace.
   *
   * @param field field that names the namespace
   * @param namespace its namespace
   * @param name its name
   */
  record Foreign(String field, String namespace, String name) {}

  private final String namespace;
  private final List<Reference> found = new ArrayList<>();
  private final List<Foreign> foreign = new ArrayList<>();

  private References(HostedControlPlaneSpec spec, String namespace) {
    this.namespace = namespace;
    Source.of(spec).stream().filter(source -> !source.optional()).forEach(this::source);
    if (spec.deployment() != null && spec.deployment().apiServer() != null) {
      tokens(spec.deployment().apiServer());
    }
    if (spec.etcd() != null && spec.etcd().backup() != null) {
      backup(spec.etcd().backup());
      encryption(spec.etcd().backup().encryption());
    }
  }

  /**
   * All that has to be there. Those of another namespace are left out: whether they exist is
   * nothing that every author of a control plane may learn.
   */
  static List<Reference> of(HostedControlPlaneSpec spec, String namespace) {
    return List.copyOf(new References(spec, namespace).found);
  }

  /** All that another namespace has to allow. */
  static List<Foreign> foreign(HostedControlPlaneSpec spec, String namespace) {
    return List.copyOf(new References(spec, namespace).foreign);
  }

  private void source(Source source) {
    var kind =
        switch (source.kind()) {
          case SECRET -> KeyedObject.Kind.SECRET;
          case CONFIG_MAP -> KeyedObject.Kind.CONFIG_MAP;
        };
    add(source.field(), kind, source.name(), Set.copyOf(source.keys()));
  }

  private void tokens(ApiServerPod pod) {
    if (pod.audit() != null && pod.audit().webhook() != null) {
      var targets = pod.audit().webhook().targets();
      for (int i = 0; i < targets.size(); i++) {
        token(
            "spec.deployment.apiServer.audit.webhook.targets[%d].authentication".formatted(i),
            targets.get(i));
      }
    }
  }

  private void token(String path, AuditWebhookTarget target) {
    var authentication = target.authentication();
    if (authentication == null) {
      return;
    }
    var other = authentication.secretNamespace();
    if (other == null || other.equals(namespace)) {
      add(
          path,
          KeyedObject.Kind.SECRET,
          authentication.secretName(),
          Set.of(authentication.keyOfToken()));
    } else {
      foreign.add(new Foreign(path + ".secretNamespace", other, authentication.secretName()));
    }
  }

  /** Host and region may be left out of the Secret. */
  private void backup(EtcdBackup backup) {
    var secret = backup.secret();
    var other = secret.namespace();
    if (other == null || other.equals(namespace)) {
      add(
          "spec.etcd.backup.secret",
          KeyedObject.Kind.SECRET,
          secret.name(),
          keys(secret, backup.credentialsSource() == CredentialsSource.SECRET));
    } else {
      foreign.add(new Foreign("spec.etcd.backup.secret.namespace", other, secret.name()));
    }
  }

  private static Set<String> keys(EtcdBackupSecret secret, boolean withAccessKey) {
    var keys = new TreeSet<String>();
    keys.add(Objects.requireNonNullElse(secret.bucketKey(), EtcdBackupSecret.BUCKET));
    if (withAccessKey) {
      keys.add(Objects.requireNonNullElse(secret.accessKeyIDKey(), EtcdBackupSecret.ACCESS_KEY_ID));
      keys.add(
          Objects.requireNonNullElse(
              secret.secretAccessKeyKey(), EtcdBackupSecret.SECRET_ACCESS_KEY));
    }
    return keys;
  }

  private void encryption(@Nullable EtcdBackupEncryption encryption) {
    if (encryption == null) {
      return;
    }
    var field = "spec.etcd.backup.encryption";
    var other = encryption.secretNamespace();
    if (other == null || other.equals(namespace)) {
      add(
          field,
          KeyedObject.Kind.SECRET,
          encryption.secretName(),
          Set.of(encryption.keyOfEncryptionKey()));
    } else {
      foreign.add(new Foreign(field + ".secretNamespace", other, encryption.secretName()));
    }
  }

  private void add(String field, KeyedObject.Kind kind, String name, Set<String> keys) {
    found.add(new Reference(field, new KeyedObject(kind, name), new TreeSet<>(keys)));
  }
}

package dev.hcp.controller.plan;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Source;
import dev.hcp.naming.Component;
import dev.hcp.render.encryption.Cipher;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether what users give to the pods of a component, as files or variables, is there, and theirs
 * to give. A kubelet takes what has the right name, whenever that appears: so pods are not changed
 * before all of it was looked at.
 *
 * @param state what is wrong; empty if nothing is
 * @param known whether it is known of all objects if they exist
 * @param absent optional objects that do not exist
 */
public record Sources(Optional<ConditionState> state, boolean known, Set<ObjectReference> absent) {
  /**
   * Those of one component.
   *
   * @param condition condition that says what is wrong
   */
  static Sources of(Planning planning, Component component, ConditionType condition) {
    var controlPlane = planning.controlPlane();
    var refused = new ArrayList<String>();
    var missing = new ArrayList<Missing>();
    var absent = new HashSet<ObjectReference>();
    boolean known = true;
    for (var source : all(planning)) {
      if (source.component() != component) {
        continue;
      }
      var reference = reference(controlPlane, source);
      var found = planning.observed().named().get(reference);
      var text = "%s: %s".formatted(source.field(), reference.describe());
      if (found == null) {
        known = false;
      } else if (found.isPresent()) {
        Protection.of(found.get(), controlPlane.names().cluster())
            .ifPresent(reason -> refused.add("%s must not be used: %s".formatted(text, reason)));
        if (!source.optional()) {
          var keys = keys(found.get());
          source.keys().stream()
              .filter(key -> !keys.contains(key))
              .map(key -> new Missing(source.use(), "%s has no key %s".formatted(text, key)))
              .forEach(missing::add);
        }
      } else if (source.optional()) {
        absent.add(reference);
      } else {
        missing.add(new Missing(source.use(), "%s does not exist".formatted(text)));
      }
    }
    return new Sources(state(condition, refused, missing), known, absent);
  }

  /** All objects of a spec that have to be watched for this. */
  public static List<ObjectReference> references(Planning planning) {
    return all(planning).stream()
        .map(source -> reference(planning.controlPlane(), source))
        .distinct()
        .toList();
  }

  /**
   * Those of the spec, and those of plugins of key management services that API servers need though
   * no spec names them any more.
   */
  private static List<Source> all(Planning planning) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var wanted = EncryptionRenderer.wantedKms(controlPlane).map(Cipher.Kms::name);
    var recorded = new TreeMap<Integer, Cipher>();
    for (var ring :
        List.of(
            KeyRing.read(planning.objects().secretData(names.encryption()), ""),
            KeyRing.readCopies(planning.objects().secretData(names.rootKeys())))) {
      recorded.putAll(ring.keys());
      if (planning.restoring().fence().isPresent()) {
        ring.retired().forEach(recorded::putIfAbsent);
      }
    }
    var sources = new ArrayList<>(Source.of(controlPlane.spec()));
    for (var key : recorded.values()) {
      if (key instanceof Cipher.Kms kms && !wanted.equals(Optional.of(kms.name()))) {
        sources.addAll(
            Source.of("plugin of KMS %s".formatted(kms.name()), kms.settings().plugin()));
      }
    }
    return sources;
  }

  /**
   * What may be made of a component's objects: a workload only once all is settled, and then
   * without what is optional and not there.
   */
  List<HasMetadata> admit(List<? extends HasMetadata> desired) {
    var admitted = new ArrayList<HasMetadata>();
    for (var object : desired) {
      var pod =
          switch (object) {
            case Deployment deployment -> deployment.getSpec().getTemplate().getSpec();
            case StatefulSet set -> set.getSpec().getTemplate().getSpec();
            default -> null;
          };
      if (pod == null || settled()) {
        admitted.add(object);
      }
      if (pod != null) {
        leaveOut(pod);
      }
    }
    return admitted;
  }

  private boolean settled() {
    return known && state.isEmpty();
  }

  private void leaveOut(PodSpec pod) {
    var absentVolumes =
        pod.getVolumes().stream().filter(this::isAbsent).map(Volume::getName).toList();
    pod.setVolumes(pod.getVolumes().stream().filter(volume -> !isAbsent(volume)).toList());
    var containers = new ArrayList<>(pod.getInitContainers());
    containers.addAll(pod.getContainers());
    for (var container : containers) {
      container.setVolumeMounts(
          container.getVolumeMounts().stream()
              .filter(mount -> !absentVolumes.contains(mount.getName()))
              .toList());
      container.setEnv(
          container.getEnv().stream().filter(variable -> !isAbsent(variable)).toList());
    }
  }

  private boolean isAbsent(Volume volume) {
    var secret = volume.getSecret();
    var configMap = volume.getConfigMap();
    return (secret != null && isAbsent(Secret.class, secret.getSecretName(), secret.getOptional()))
        || (configMap != null
            && isAbsent(ConfigMap.class, configMap.getName(), configMap.getOptional()));
  }

  private boolean isAbsent(EnvVar variable) {
    var from = variable.getValueFrom();
    var secret = from == null ? null : from.getSecretKeyRef();
    var configMap = from == null ? null : from.getConfigMapKeyRef();
    return (secret != null && isAbsent(Secret.class, secret.getName(), secret.getOptional()))
        || (configMap != null
            && isAbsent(ConfigMap.class, configMap.getName(), configMap.getOptional()));
  }

  private boolean isAbsent(
      Class<? extends HasMetadata> type, @Nullable String name, @Nullable Boolean optional) {
    return Boolean.TRUE.equals(optional)
        && absent.stream()
            .anyMatch(reference -> reference.type() == type && reference.name().equals(name));
  }

  /** What a pod would not start without. */
  private record Missing(Source.Use use, String text) {}

  private static Optional<ConditionState> state(
      ConditionType condition, List<String> refused, List<Missing> missing) {
    if (!refused.isEmpty()) {
      return Optional.of(
          ConditionState.not(condition, Reason.INVALID_SPEC, String.join("; ", refused)));
    }
    return missing.stream()
        .findFirst()
        .map(first ->
            ConditionState.not(
                condition,
                switch (first.use()) {
                  case MOUNT -> Reason.MOUNT_MISSING;
                  case VARIABLE -> Reason.VARIABLE_MISSING;
                },
                missing.stream()
                    .map(Missing::text)
                    .collect(Collectors.joining("; ", "Pods wait for what they are given: ", ""))));
  }

  private static ObjectReference reference(ControlPlane controlPlane, Source source) {
    return switch (source.kind()) {
      case SECRET -> ObjectReference.secret(controlPlane.namespace(), source.name());
      case CONFIG_MAP -> ObjectReference.configMap(controlPlane.namespace(), source.name());
    };
  }

  private static Set<String> keys(HasMetadata object) {
    var keys = new HashSet<String>();
    switch (object) {
      case Secret secret -> keys.addAll(keys(secret.getData()));
      case ConfigMap configMap -> {
        keys.addAll(keys(configMap.getData()));
        keys.addAll(keys(configMap.getBinaryData()));
      }
      default -> throw new IllegalArgumentException("has no keys: " + object.getKind());
    }
    return keys;
  }

  private static Set<String> keys(@Nullable Map<String, String> data) {
    return data == null ? Set.of() : data.keySet();
  }
}

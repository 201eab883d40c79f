package dev.hcp.validation;

import dev.hcp.model.Lists;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Environment variables of containers. */
final class EnvRules {
  /** The form that every Kubernetes takes; newer ones take almost anything. */
  private static final Pattern NAME = Pattern.compile("(?!\\.\\.)[-._a-zA-Z][-._a-zA-Z0-9]*");

  private static final Set<String> FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");
  private static final Pattern FIELD_OF_MAP =
      Pattern.compile("metadata\\.(?:labels|annotations)\\['([^']+)'\\]");
  private static final Pattern RESOURCE =
      Pattern.compile(
          "(?:limits|requests)\\.(?:cpu|memory|ephemeral-storage|hugepages-[1-9][0-9A-Za-z]*)");
  private static final Set<String> CPU_UNITS = Set.of("0", "1", "1m");
  private static final Set<String> BYTE_UNITS =
      Set.of(
          "0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

  /** A container, by which of its variables are the controller's. */
  enum Owner {
    /** None. */
    NOBODY,
    /** Those of etcd and etcdctl. */
    ETCD,
    /** The identity of an agent. */
    KONNECTIVITY_AGENT,
    /** The name of the node. */
    KUBE_PROXY;

    private boolean owns(String name) {
      return switch (this) {
        case NOBODY -> false;
        case ETCD ->
            switch (name) {
              case "POD_NAME",
                  "ETCDCTL_CACERT",
                  "ETCDCTL_CERT",
                  "ETCDCTL_KEY",
                  "FOUNDING_MEMBERS",
                  "INITIAL_CLUSTER_STATE",
                  "MEMBERS_TO_JOIN" ->
                  true;
              default -> false;
            };
        case KONNECTIVITY_AGENT -> name.equals("POD_NAME");
        case KUBE_PROXY -> name.equals("NODE_NAME");
      };
    }
  }

  private EnvRules() {}

  static void check(Field field, @Nullable List<EnvVar> variables, Owner owner) {
    var names = new HashSet<String>();
    var all = Lists.orEmpty(variables);
    for (int i = 0; i < all.size(); i++) {
      var variable = all.get(i);
      var name = Objects.requireNonNullElse(variable.getName(), "");
      var entry = field.index(i);
      checkName(entry.at("name"), name, owner);
      entry
          .at("name")
          .require(names.add(name), name, "must differ from the names of the other variables");
      ControlCharacters.refuse(entry.at("value"), variable.getValue());
      if (variable.getValueFrom() != null) {
        var value = variable.getValue();
        entry
            .at("value")
            .require(value == null || value.isEmpty(), value, "must be left out with valueFrom");
        checkSource(entry.at("valueFrom"), variable.getValueFrom());
      }
    }
  }

  private static void checkName(Field field, String name, Owner owner) {
    field.require(
        NAME.matcher(name).matches() && !name.equals("."),
        name,
        "must be letters, digits, '_', '-' or '.', with no digit in front, for example GOMAXPROCS");
    // etcd takes them for flags, and does not start where a variable and a flag say the same.
    if (owner == Owner.ETCD && name.startsWith("ETCD_")) {
      field.reject(name, "must be another name: give flags of etcd in args");
    } else {
      field.require(
          !owner.owns(name), name, "must be another name: the controller sets this variable");
    }
  }

  private static void checkSource(Field field, EnvVarSource source) {
    long sources =
        Stream.of(
                source.getConfigMapKeyRef(),
                source.getFieldRef(),
                source.getResourceFieldRef(),
                source.getSecretKeyRef())
            .filter(Objects::nonNull)
            .count();
    field.require(
        sources == 1,
        sources,
        "must have exactly one of configMapKeyRef, fieldRef, resourceFieldRef and secretKeyRef");
    if (source.getConfigMapKeyRef() != null) {
      var reference = source.getConfigMapKeyRef();
      checkKey(field.at("configMapKeyRef"), reference.getName(), reference.getKey());
    }
    if (source.getSecretKeyRef() != null) {
      var reference = source.getSecretKeyRef();
      checkKey(field.at("secretKeyRef"), reference.getName(), reference.getKey());
    }
    if (source.getFieldRef() != null) {
      checkField(field.at("fieldRef"), source.getFieldRef());
    }
    if (source.getResourceFieldRef() != null) {
      checkResource(field.at("resourceFieldRef"), source.getResourceFieldRef());
    }
  }

  private static void checkKey(Field field, @Nullable String name, @Nullable String key) {
    DnsNames.subdomain(field.at("name"), Objects.requireNonNullElse(name, ""));
    DnsNames.key(field.at("key"), Objects.requireNonNullElse(key, ""));
  }

  private static void checkField(Field field, ObjectFieldSelector selector) {
    var version = selector.getApiVersion();
    field.at("apiVersion").require(version == null || version.equals("v1"), version, "must be v1");
    var path = Objects.requireNonNullElse(selector.getFieldPath(), "");
    var ofMap = FIELD_OF_MAP.matcher(path);
    field
        .at("fieldPath")
        .require(
            FIELDS.contains(path) || (ofMap.matches() && QualifiedNames.isKey(ofMap.group(1))),
            path,
            "must be a field such as metadata.name, spec.nodeName, status.podIP or"
                + " metadata.labels['key']");
  }

  private static void checkResource(Field field, ResourceFieldSelector selector) {
    var resource = Objects.requireNonNullElse(selector.getResource(), "");
    field
        .at("resource")
        .require(
            RESOURCE.matcher(resource).matches(),
            resource,
            "must be limits or requests, '.', and cpu, memory or ephemeral-storage");
    if (selector.getContainerName() != null) {
      DnsNames.label(field.at("containerName"), selector.getContainerName());
    }
    if (selector.getDivisor() != null) {
      var divisor = Quantities.text(selector.getDivisor());
      Predicate<String> accepted =
          resource.endsWith(".cpu") ? CPU_UNITS::contains : BYTE_UNITS::contains;
      field
          .at("divisor")
          .require(
              accepted.test(divisor),
              divisor,
              "must be 1 or 1m for cpu, else 1 or as 1k, 1Mi, 1Gi");
    }
  }
}

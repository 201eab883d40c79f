package dev.hcp.webhook.admission;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.gateway.Listeners;
import dev.hcp.gateway.ReferenceGrants;
import dev.hcp.model.ClusterName;
import dev.hcp.naming.Labels;
import dev.hcp.validation.FieldError;
import dev.hcp.version.KubeletSkew;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Rules about a control plane and the objects around it. What others still have to make is only
 * warned of, since nothing says what is made first; what can never work is refused. As in {@link
 * dev.hcp.validation.Validator}, an update is not blamed for what was so before.
 *
 * @param old the object as it is; empty for a new one
 * @param updated the object as it will be
 */
record Neighbours(Optional<HostedControlPlane> old, HostedControlPlane updated) {
  /** More than this many are not looked for: a request must stay a small one. */
  private static final int MOST_REFERENCES = 20;

  /** As many as fit into a message that is still read. */
  private static final int MOST_NAMES = 5;

  private static final String VERSION = "spec.version";
  private static final String LABEL = "metadata.labels[%s]".formatted(Labels.CLUSTER_NAME);
  private static final String OWNERS = "metadata.ownerReferences";

  /** What has to be known. */
  Questions questions() {
    return new Questions(
        namespace(),
        asksForGateway() ? Optional.of(updated.getSpec().gateway()) : Optional.empty(),
        newReferences().stream().map(References.Reference::object).distinct().sorted().toList(),
        newForeign().stream().map(References.Foreign::namespace).distinct().sorted().toList(),
        claimedCluster(),
        raisedVersion().flatMap(_ -> ClusterName.of(updated.getMetadata())));
  }

  /** What is to be said, given the answers. */
  Findings judge(Surroundings surroundings) {
    var errors = new ArrayList<FieldError>();
    var warnings = new ArrayList<String>();
    claimedCluster().flatMap(name -> secondOf(name, surroundings)).ifPresent(errors::add);
    raisedVersion()
        .ifPresent(version -> {
          tooOld(version, surroundings.nodes()).ifPresent(errors::add);
          tooNew(version, surroundings.nodes()).ifPresent(warnings::add);
        });
    if (asksForGateway()) {
      warnings.addAll(gatewayWarnings(surroundings));
    }
    newReferences()
        .forEach(reference -> missing(reference, surroundings.keys()).ifPresent(warnings::add));
    newForeign()
        .forEach(secret -> notPermitted(secret, surroundings.grants()).ifPresent(warnings::add));
    return new Findings(List.copyOf(errors), List.copyOf(warnings));
  }

  private boolean asksForGateway() {
    return old.isEmpty()
        || !old.get().getSpec().gateway().equals(updated.getSpec().gateway())
        || access(old.get()) != access(updated);
  }

  private List<String> gatewayWarnings(Surroundings surroundings) {
    return switch (surroundings.gateway()) {
      case Sight.Unknown<Gateway> _ -> List.of();
      case Sight.Missing<Gateway> _ ->
          List.of(
              "spec.gateway: %s does not exist yet; until then nobody reaches the API server"
                  .formatted(Listeners.name(updated.getSpec().gateway())));
      case Sight.Seen<Gateway>(var gateway) ->
          surroundings.namespaceLabels() instanceof Sight.Seen<Map<String, String>>(var labels)
              ? listenerWarnings(new Listeners(gateway, namespace(), labels))
              : List.of();
    };
  }

  private List<String> listenerWarnings(Listeners listeners) {
    var warnings = new ArrayList<String>();
    if (listeners.usable().isEmpty()) {
      warnings.add("spec.gateway: %s".formatted(listeners.whyNone()));
    }
    if (access(updated) == InClusterAccess.GATEWAY) {
      listeners
          .whyNoListenerSets()
          .ifPresent(why -> warnings.add("spec.exposure.inClusterAccess: %s".formatted(why)));
    }
    return warnings;
  }

  private List<References.Reference> newReferences() {
    var before =
        new HashSet<>(
            old.map(object -> References.of(object.getSpec(), namespace())).orElse(List.of()));
    return References.of(updated.getSpec(), namespace()).stream()
        .filter(reference -> !before.contains(reference))
        .limit(MOST_REFERENCES)
        .toList();
  }

  private List<References.Foreign> newForeign() {
    var before =
        new HashSet<>(
            old.map(object -> References.foreign(object.getSpec(), namespace())).orElse(List.of()));
    return References.foreign(updated.getSpec(), namespace()).stream()
        .filter(secret -> !before.contains(secret))
        .limit(MOST_REFERENCES)
        .toList();
  }

  private Optional<String> notPermitted(
      References.Foreign secret, Map<String, Sight<List<ReferenceGrant>>> grants) {
    return grants.get(secret.namespace()) instanceof Sight.Seen<List<ReferenceGrant>>(var seen)
            && !ReferenceGrants.permit(namespace(), secret.namespace(), secret.name(), seen)
        ? Optional.of(
            "%s: no ReferenceGrant in namespace %s lets HostedControlPlanes of namespace %s refer to Secret %s yet"
                .formatted(secret.field(), secret.namespace(), namespace(), secret.name()))
        : Optional.empty();
  }

  private static Optional<String> missing(
      References.Reference reference, Map<KeyedObject, Sight<Set<String>>> keys) {
    return switch (keys.get(reference.object())) {
      case null -> Optional.empty();
      case Sight.Unknown<Set<String>> _ -> Optional.empty();
      case Sight.Missing<Set<String>> _ ->
          Optional.of("%s: %s does not exist yet".formatted(reference.field(), reference.object()));
      case Sight.Seen<Set<String>>(var present) -> {
        var absent = new TreeSet<>(reference.keys());
        absent.removeAll(present);
        yield absent.isEmpty()
            ? Optional.empty()
            : Optional.of(
                "%s: %s has no key %s yet"
                    .formatted(
                        reference.field(), reference.object(), String.join(" and ", absent)));
      }
    };
  }

  /** The Cluster, if the object did not belong to it before. */
  private Optional<String> claimedCluster() {
    var before = old.map(HostedControlPlane::getMetadata).flatMap(ClusterName::of);
    return ClusterName.of(updated.getMetadata()).filter(name -> !before.equals(Optional.of(name)));
  }

  /**
   * All names of objects come from that of the Cluster, so two control planes would fight over
   * them. The one that the Cluster names is the right one.
   */
  private Optional<FieldError> secondOf(String name, Surroundings surroundings) {
    if (!(surroundings.controlPlanes() instanceof Sight.Seen<List<HostedControlPlane>>(var all))
        || surroundings.cluster() instanceof Sight.Unknown
        || isNamedBy(surroundings)) {
      return Optional.empty();
    }
    return all.stream()
        .filter(other -> !objectName(other).equals(objectName(updated)))
        .filter(other -> ClusterName.of(other.getMetadata()).equals(Optional.of(name)))
        .findFirst()
        .map(other ->
            new FieldError(
                ClusterName.owner(updated.getMetadata()).isPresent() ? OWNERS : LABEL,
                name,
                "must be a Cluster without a control plane: HostedControlPlane %s is that of this one"
                        .formatted(objectName(other))
                    + (other.isMarkedForDeletion()
                        ? ", and is being deleted; try again when it is gone"
                        : "; delete that, or let the Cluster's controlPlaneRef name this one"),
                FieldError.Reason.DUPLICATE));
  }

  private boolean isNamedBy(Surroundings surroundings) {
    return surroundings.cluster() instanceof Sight.Seen<Cluster>(var cluster)
        && cluster.hostedControlPlane().equals(Optional.of(objectName(updated)));
  }

  /** The version, if it has another minor version than before. */
  private Optional<KubernetesVersion> raisedVersion() {
    var before = old.map(object -> object.getSpec().version()).flatMap(KubernetesVersion::tryParse);
    var after = KubernetesVersion.tryParse(updated.getSpec().version());
    return before.isPresent() && after.isPresent() && after.get().minor() > before.get().minor()
        ? after
        : Optional.empty();
  }

  private Optional<FieldError> tooOld(KubernetesVersion version, List<NodeGroup> nodes) {
    int oldest = KubeletSkew.oldestMinor(version);
    var old = having(minor -> minor < oldest, nodes);
    return old.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new FieldError(
                VERSION,
                updated.getSpec().version(),
                "kubelets may be at most %d minor versions older than the API server: first bring to v%d.%d or newer: %s"
                    .formatted(
                        KubeletSkew.MOST_MINORS_OLDER, version.major(), oldest, names(old))));
  }

  private static Optional<String> tooNew(KubernetesVersion version, List<NodeGroup> nodes) {
    var young = having(minor -> minor > version.minor(), nodes);
    return young.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "spec.version: kubelets must not be newer than the API server, %s, but are: %s"
                .formatted(version, names(young)));
  }

  private static String names(List<NodeGroup> groups) {
    int more = groups.size() - MOST_NAMES;
    return groups.stream()
            .limit(MOST_NAMES)
            .map(NodeGroup::toString)
            .collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "");
  }

  private static List<NodeGroup> having(Predicate<Integer> minor, List<NodeGroup> nodes) {
    return nodes.stream()
        .filter(group ->
            KubernetesVersion.tryParse(group.version())
                .map(KubernetesVersion::minor)
                .filter(minor)
                .isPresent())
        .sorted(Comparator.comparing(NodeGroup::kind).thenComparing(NodeGroup::name))
        .toList();
  }

  private static InClusterAccess access(HostedControlPlane object) {
    return ExposureSettings.access(object.getSpec().exposure());
  }

  private String namespace() {
    return String.valueOf(updated.getMetadata().getNamespace());
  }

  private static String objectName(HasMetadata object) {
    return String.valueOf(object.getMetadata().getName());
  }
}

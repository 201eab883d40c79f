package dev.hcp.controller.runtime;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.telemetry.ControlPlaneFigures;
import dev.hcp.controller.telemetry.ControlPlaneFigures.Credential;
import dev.hcp.controller.telemetry.ControlPlaneFigures.Replicas;
import dev.hcp.controller.telemetry.ControlPlaneFigures.State;
import dev.hcp.model.ClusterName;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What can be said in numbers of all control planes, by the caches alone. */
final class Census {
  private static final Logger LOG = LoggerFactory.getLogger(Census.class);

  /** Others may write conditions as well; what they call them must not become labels. */
  private static final Set<String> TYPES =
      Arrays.stream(ConditionType.values())
          .map(ConditionType::value)
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<Reason> NOTHING_THE_MATTER =
      Set.of(
          Reason.RECONCILE_SUCCEEDED,
          Reason.AVAILABLE,
          Reason.NOT_PAUSED,
          Reason.NOT_ROLLING_OUT,
          Reason.NOT_SCALING_UP,
          Reason.NOT_SCALING_DOWN);

  private final ClusterCache cache;

  Census(ClusterCache cache) {
    this.cache = cache;
  }

  ControlPlaneFigures figures(HostedControlPlane object) {
    var namespace = object.getMetadata().getNamespace();
    var cluster = ClusterName.owner(object.getMetadata());
    var status = Optional.ofNullable(object.getStatus());
    return new ControlPlaneFigures(
        namespace,
        object.getMetadata().getName(),
        cluster.orElse(""),
        status.map(HostedControlPlaneStatus::version).orElse(""),
        object.getSpec().version(),
        conditions(status.map(HostedControlPlaneStatus::conditions).orElse(List.of())),
        replicas(object, cluster),
        credentials(object, cluster),
        status.flatMap(s -> time(s.etcdNextBackupTime())));
  }

  private static Map<String, State> conditions(List<Condition> conditions) {
    return conditions.stream()
        .filter(condition -> TYPES.contains(condition.type()))
        .collect(
            Collectors.toMap(
                Condition::type,
                condition ->
                    new State(
                        condition.status(),
                        Reason.of(condition.reason())
                            .filter(reason -> !NOTHING_THE_MATTER.contains(reason))
                            .map(Reason::value)),
                (first, _) -> first));
  }

  private Map<String, Replicas> replicas(HostedControlPlane object, Optional<String> cluster) {
    var all = new HashMap<String, Replicas>();
    Stream.concat(
            owned(Deployment.class, object, cluster)
                .map(deployment -> Map.entry(component(deployment), Rollout.of(deployment))),
            owned(StatefulSet.class, object, cluster)
                .map(set -> Map.entry(component(set), Rollout.of(set))))
        .filter(entry -> !entry.getKey().isEmpty())
        .forEach(entry ->
            all.put(
                entry.getKey(), new Replicas(entry.getValue().wanted(), entry.getValue().ready())));
    return all;
  }

  private Map<String, Credential> credentials(HostedControlPlane object, Optional<String> cluster) {
    var prefix = cluster.map(name -> name + "-").orElse("");
    var all = new HashMap<String, Credential>();
    owned(Certificate.class, object, cluster)
        .forEach(certificate -> {
          var name = certificate.getMetadata().getName();
          all.put(
              name.startsWith(prefix) ? name.substring(prefix.length()) : name,
              new Credential(
                  time(certificate, CertificateStatus::notAfter),
                  time(certificate, CertificateStatus::renewalTime)));
        });
    return all;
  }

  /**
   * The objects of a Cluster that belong to this control plane: they are named after the Cluster,
   * which may have had another one before.
   */
  private <T extends HasMetadata> Stream<T> owned(
      Class<T> type, HostedControlPlane object, Optional<String> cluster) {
    return cluster.stream()
        .flatMap(name ->
            cache.ofCluster(type, object.getMetadata().getNamespace(), name).values().stream())
        .filter(owned -> owned.hasOwnerReferenceFor(object.getMetadata().getUid()));
  }

  private static String component(HasMetadata object) {
    var labels = object.getMetadata().getLabels();
    return labels == null ? "" : labels.getOrDefault(Labels.COMPONENT, "");
  }

  private static Optional<Instant> time(
      Certificate certificate, Function<CertificateStatus, @Nullable String> field) {
    return Optional.ofNullable(certificate.getStatus())
        .flatMap(status -> time(field.apply(status)));
  }

  private static Optional<Instant> time(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(Instant::parse);
    } catch (DateTimeParseException e) {
      // One bad value must not keep all others from being exported.
      LOG.debug("Not exported: {}", e.getMessage());
      return Optional.empty();
    }
  }
}

package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.kube.Kube;
import dev.hcp.model.Lists;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people are told when the status of a control plane has changed. */
final class Announcement {
  private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);

  /** What of a certificate people have to do something about. */
  private static final Set<String> TROUBLE_OF_CERTIFICATES =
      Set.of(Reason.RENEWAL_OVERDUE.value(), Reason.CERTIFICATE_EXPIRED.value());

  /** What does not pass by itself, as most of what is wrong with something new does. */
  private static final Set<String> NOT_BY_ITSELF =
      Set.of(Reason.VERTICAL_POD_AUTOSCALER_NOT_SERVED.value());

  private Announcement() {}

  /** Tells people, by log and event, which conditions changed, and what certificates lack. */
  static void make(Kube kube, HostedControlPlane object, HostedControlPlaneStatus status) {
    var before = new HashMap<String, Condition>();
    Report.previous(object).forEach(condition -> before.put(condition.type(), condition));
    for (var condition : status.conditions() == null ? List.<Condition>of() : status.conditions()) {
      var old = before.get(condition.type());
      if (old != null
          && old.status().equals(condition.status())
          && (old.reason().equals(condition.reason())
              || !(isWarning(condition) || isRotation(condition)))) {
        continue;
      }
      if (isStopped(condition)) {
        // Condition Hibernated says it for all.
        continue;
      }
      LOG.info(
          "{} is {}: {}: {}",
          condition.type(),
          condition.status(),
          condition.reason(),
          condition.message());
      if (old != null
          || condition.status().equals(ConditionStatus.TRUE.value())
          || NOT_BY_ITSELF.contains(condition.reason())) {
        kube.event(
            object,
            severity(condition),
            condition.reason(),
            condition.type(),
            "%s is %s: %s".formatted(condition.type(), condition.status(), condition.message()));
      }
    }
    certificates(kube, object, status);
  }

  /** One event for each certificate, where a condition speaks of all of them. */
  private static void certificates(
      Kube kube, HostedControlPlane object, HostedControlPlaneStatus status) {
    var known =
        Optional.ofNullable(object.getStatus())
            .map(before -> Lists.orEmpty(before.certificates()))
            .orElse(List.of())
            .stream()
            .filter(before -> before.reason() != null)
            .collect(
                Collectors.toMap(
                    CredentialStatus::name, before -> String.valueOf(before.reason())));
    for (var certificate : Lists.orEmpty(status.certificates())) {
      var reason = certificate.reason();
      if (reason != null
          && TROUBLE_OF_CERTIFICATES.contains(reason)
          && !reason.equals(known.get(certificate.name()))) {
        LOG.warn("{}", certificate.message());
        kube.event(
            object, Kube.EventType.WARNING, reason, "Renew", String.valueOf(certificate.message()));
      }
    }
  }

  private static boolean isStopped(Condition condition) {
    return condition.reason().equals(Reason.HIBERNATED.value())
        && !condition.type().equals(ConditionType.HIBERNATED.value());
  }

  /** Whether the reason tells a phase, each of which is worth a word. */
  private static boolean isRotation(Condition condition) {
    return condition.type().equals(ConditionType.ROTATING.value());
  }

  /** Whether people have to do something though it holds, or because of its reason. */
  private static boolean isWarning(Condition condition) {
    if (condition.reason().equals(Reason.ROLLOUT_FAILING.value())) {
      return true;
    }
    return condition.status().equals(ConditionStatus.TRUE.value())
        && (condition.reason().equals(Reason.VOLUMES_CANNOT_GROW.value())
            || condition.reason().equals(Reason.FINAL_SNAPSHOT_FAILED.value())
            || condition.type().equals(ConditionType.UPGRADE_BLOCKED.value()));
  }

  private static Kube.EventType severity(Condition condition) {
    boolean intended =
        condition.reason().equals(Reason.HIBERNATING.value())
            || condition.reason().equals(Reason.WAKING_UP.value());
    boolean bad =
        !intended
            && condition.status().equals(ConditionStatus.FALSE.value())
            && (condition.type().equals(ConditionType.AVAILABLE.value())
                || condition.type().equals(ConditionType.BACKUP_RESTORABLE.value())
                || condition.type().endsWith("Ready"));
    return bad || isWarning(condition) ? Kube.EventType.WARNING : Kube.EventType.NORMAL;
  }
}

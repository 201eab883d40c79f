package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Entrance;
import dev.hcp.gateway.Listeners;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.render.exposure.ExposureRenderer;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerEntry;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which port of the Gateway a control plane gets.
 *
 * <p>A port stays with a control plane as long as its ListenerSet. Only where it never worked,
 * because somebody older chose the same at the same moment, another is chosen. Who is older is
 * decided as Gateways do: their own listeners first, then ListenerSets by age, then by name.
 *
 * @param port the port; empty if there is none to be had
 * @param established whether it has worked
 * @param problem why the port is not the one that is wanted, or cannot work
 */
record GatewayPorts(Optional<Integer> port, boolean established, Optional<Problem> problem) {
  private static final Comparator<ListenerSet> PRECEDENCE =
      Comparator.comparing(
              (ListenerSet set) -> set.getMetadata().getCreationTimestamp(),
              Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(GatewayPorts::key);

  /** Who else has ports of the Gateway. */
  private record Others(Gateway gateway, List<ListenerSet> sets, Optional<ListenerSet> own) {
    /** Whoever has a port, and comes before us if we have it too, in words. */
    Optional<String> holder(int port) {
      return listeners()
          .filter(l -> Integer.valueOf(port).equals(l.getPort()))
          .map(l -> "listener %s of %s".formatted(l.getName(), Listeners.name(gateway)))
          .findFirst()
          .or(() ->
              sets.stream()
                  .filter(set -> ports(set).contains(port))
                  .filter(set -> comesBeforeUs(set, port))
                  .map(set -> "ListenerSet " + key(set))
                  .findFirst());
    }

    Set<Integer> taken() {
      return Stream.concat(
              listeners().map(Listener::getPort), sets.stream().flatMap(set -> ports(set).stream()))
          .filter(Objects::nonNull)
          .collect(Collectors.toCollection(HashSet::new));
    }

    private boolean comesBeforeUs(ListenerSet other, int port) {
      return own.filter(ours -> ports(ours).contains(port))
          .filter(ours -> PRECEDENCE.compare(ours, other) < 0)
          .isEmpty();
    }

    private Stream<Listener> listeners() {
      return gateway.getSpec() == null || gateway.getSpec().getListeners() == null
          ? Stream.empty()
          : gateway.getSpec().getListeners().stream();
    }
  }

  static GatewayPorts of(
      Entrance entrance, Gateway gateway, ControlPlane controlPlane, Optional<ListenerSet> own) {
    var ownKey = controlPlane.namespace() + "/" + controlPlane.names().inClusterAccess();
    var others =
        new Others(
            gateway,
            entrance.listenerSets().stream().filter(set -> !key(set).equals(ownKey)).toList(),
            own);
    var fixed = fixedPort(controlPlane);
    var current = own.flatMap(set -> ports(set).stream().findFirst());
    if (fixed.isPresent()) {
      return fixed(others, controlPlane, own, fixed.get(), current);
    }
    if (current.isPresent()) {
      boolean established = isEstablished(controlPlane, own, current.get());
      var holder = others.holder(current.get());
      if (holder.isEmpty() || established) {
        return new GatewayPorts(
            current,
            established,
            holder.map(h -> taken(current.get(), h, "this cluster keeps it")));
      }
    }
    return free(entrance, others, controlPlane);
  }

  private static GatewayPorts fixed(
      Others others,
      ControlPlane controlPlane,
      Optional<ListenerSet> own,
      int fixed,
      Optional<Integer> current) {
    var holder = others.holder(fixed);
    var port = holder.isEmpty() || current.isEmpty() ? Optional.of(fixed) : current;
    return new GatewayPorts(
        holder.isPresent() && current.isEmpty() ? Optional.empty() : port,
        port.filter(p -> isEstablished(controlPlane, own, p)).isPresent(),
        holder.map(h -> taken(fixed, h, "choose another spec.exposure.gatewayPort")));
  }

  private static GatewayPorts free(Entrance entrance, Others others, ControlPlane controlPlane) {
    var taken = others.taken();
    var range = entrance.ports();
    // Clusters begin in different places, so that few of them choose the same at the same moment.
    int start =
        Math.floorMod(
            (controlPlane.namespace() + "/" + controlPlane.names().cluster()).hashCode(),
            range.size());
    for (int i = 0; i < range.size(); i++) {
      int port = range.first() + (start + i) % range.size();
      if (!taken.contains(port)) {
        return new GatewayPorts(Optional.of(port), false, Optional.empty());
      }
    }
    return new GatewayPorts(
        Optional.empty(),
        false,
        Optional.of(
            new Problem(
                Reason.NO_FREE_GATEWAY_PORT,
                "All ports %s of %s are taken; give the controller a larger GATEWAY_PORT_RANGE"
                    .formatted(range, Listeners.name(others.gateway())))));
  }

  private static Problem taken(int port, String holder, String consequence) {
    return new Problem(
        Reason.GATEWAY_PORT_TAKEN,
        "Port %d of the Gateway belongs to %s; %s".formatted(port, holder, consequence));
  }

  private static boolean isEstablished(
      ControlPlane controlPlane, Optional<ListenerSet> own, int port) {
    return own.map(set -> set.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(Labels.ESTABLISHED_ANNOTATION))
        .filter(ExposureRenderer.establishedPort(controlPlane, port)::equals)
        .isPresent();
  }

  private static Optional<Integer> fixedPort(ControlPlane controlPlane) {
    return Optional.ofNullable(controlPlane.spec().exposure()).map(ExposureSettings::gatewayPort);
  }

  private static List<Integer> ports(ListenerSet set) {
    return set.getSpec() == null || set.getSpec().getListeners() == null
        ? List.of()
        : set.getSpec().getListeners().stream()
            .map(ListenerEntry::getPort)
            .filter(Objects::nonNull)
            .toList();
  }

  private static String key(ListenerSet set) {
    return "%s/%s".formatted(set.getMetadata().getNamespace(), set.getMetadata().getName());
  }
}

package dev.hcp.controller.exposure;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Entrance;
import dev.hcp.controller.plan.Resolution;
import dev.hcp.gateway.Listeners;
import dev.hcp.model.ControlPlane;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayStatus;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayStatusAddress;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a Gateway works, and where it is. */
final class Gateways {
  private static final String IP_ADDRESS = "IPAddress";
  private static final String HOST_NAME = "Hostname";

  private Gateways() {}

  /** Why nothing gets through a Gateway, or through one of its listeners. */
  static Optional<Problem> notProgrammed(Gateway gateway, String listener) {
    return notProgrammed(gateway)
        .or(() ->
            statusOf(gateway, listener)
                .flatMap(status ->
                    Statements.denied(status.getConditions(), "Programmed", gateway.getMetadata())
                        .or(() ->
                            Statements.denied(
                                status.getConditions(), "Accepted", gateway.getMetadata())))
                .map(why ->
                    new Problem(
                        Reason.GATEWAY_NOT_PROGRAMMED,
                        "Listener %s of %s does not work: %s"
                            .formatted(listener, Listeners.name(gateway), why))));
  }

  /** Why nothing gets through a Gateway. */
  static Optional<Problem> notProgrammed(Gateway gateway) {
    var status = gateway.getStatus();
    return Statements.unmet(
            status == null ? null : status.getConditions(), "Programmed", gateway.getMetadata())
        .map(why ->
            new Problem(
                Reason.GATEWAY_NOT_PROGRAMMED,
                "%s is not Programmed: %s".formatted(Listeners.name(gateway), why)));
  }

  /** IP addresses of a Gateway of the family that Service {@code kubernetes} has. */
  static List<String> addresses(Entrance entrance, ControlPlane controlPlane) {
    var literal = controlPlane.networks().ofPrimaryFamily(values(entrance, IP_ADDRESS).toList());
    var all =
        literal.isEmpty()
            ? controlPlane
                .networks()
                .ofPrimaryFamily(
                    values(entrance, HOST_NAME)
                        .map(entrance.names()::get)
                        .filter(Objects::nonNull)
                        .map(Resolution::addresses)
                        .flatMap(List::stream)
                        .toList())
            : literal;
    return all.stream().distinct().sorted().toList();
  }

  /** Host names that have to be looked up to know the addresses of a Gateway. */
  static List<String> hostNames(Entrance entrance, ControlPlane controlPlane) {
    return controlPlane.networks().ofPrimaryFamily(values(entrance, IP_ADDRESS).toList()).isEmpty()
        ? values(entrance, HOST_NAME).distinct().sorted().toList()
        : List.of();
  }

  /** Why the addresses of a Gateway are not known, in a sentence. */
  static Problem noAddress(Entrance entrance, Gateway gateway, ControlPlane controlPlane) {
    var family = controlPlane.networks().services().getFirst().family();
    var all =
        Stream.concat(values(entrance, IP_ADDRESS), values(entrance, HOST_NAME))
            .collect(Collectors.joining(", "));
    var failed =
        hostNames(entrance, controlPlane).stream()
            .map(entrance.names()::get)
            .filter(Objects::nonNull)
            .flatMap(resolution -> resolution.problem().stream())
            .findFirst();
    if (failed.isPresent()) {
      return new Problem(
          Reason.NAME_NOT_RESOLVED,
          "The address of %s is not known: %s".formatted(Listeners.name(gateway), failed.get()));
    }
    return new Problem(
        Reason.WAITING_FOR_GATEWAY_ADDRESS,
        "%s has no %s address in its status, only: %s"
            .formatted(Listeners.name(gateway), family, all.isEmpty() ? "none" : all));
  }

  private static Stream<String> values(Entrance entrance, String type) {
    return entrance.gateway().map(Gateway::getStatus).map(GatewayStatus::getAddresses).stream()
        .flatMap(List::stream)
        .filter(address -> type.equals(Objects.requireNonNullElse(address.getType(), IP_ADDRESS)))
        .map(GatewayStatusAddress::getValue)
        .filter(value -> value != null && !value.isEmpty());
  }

  private static Optional<ListenerStatus> statusOf(Gateway gateway, String listener) {
    var status = gateway.getStatus();
    return status == null || status.getListeners() == null
        ? Optional.empty()
        : status.getListeners().stream().filter(l -> listener.equals(l.getName())).findFirst();
  }
}

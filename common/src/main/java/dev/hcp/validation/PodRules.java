package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.api.v1alpha1.ReplicaSettings;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the user may set for containers and pods. */
final class PodRules {
  private static final Pattern FLAG_NAME = Pattern.compile("[A-Za-z0-9][-._A-Za-z0-9]*");

  private PodRules() {}

  static void check(Field field, @Nullable ContainerSettings settings) {
    if (settings == null) {
      return;
    }
    if (settings.args() != null) {
      for (var flag : settings.args().keySet()) {
        field
            .at("args")
            .key(flag)
            .require(
                FLAG_NAME.matcher(flag).matches(),
                flag,
                "must be the name of a flag without the dashes in front, for example"
                    + " feature-gates");
      }
    }
    if (settings.resources() != null) {
      checkResources(field.at("resources"), settings.resources());
    }
    if (settings instanceof PodSettings pod && pod.priorityClassName() != null) {
      DnsNames.subdomain(field.at("priorityClassName"), pod.priorityClassName());
    }
    if (settings instanceof ReplicaSettings pod) {
      replicas(field.at("replicas"), pod.replicas());
    }
  }

  static void replicas(Field field, @Nullable Integer replicas) {
    field.require(replicas == null || replicas >= 1, replicas, "must be at least 1");
  }

  private static void checkResources(Field field, ResourceRequirements resources) {
    var limits = quantities(resources.getLimits());
    var requests = quantities(resources.getRequests());
    limits.forEach(
        (name, quantity) -> Quantities.notNegative(field.at("limits").key(name), quantity));
    requests.forEach((name, quantity) -> {
      var request = field.at("requests").key(name);
      Quantities.notNegative(request, quantity);
      var limit = limits.get(name);
      if (limit != null && Quantities.compare(quantity, limit).orElse(0) > 0) {
        request.reject(
            Quantities.text(quantity),
            "must be at most the limit, %s".formatted(Quantities.text(limit)));
      }
    });
  }

  private static Map<String, Quantity> quantities(@Nullable Map<String, Quantity> quantities) {
    return quantities == null ? Map.of() : quantities;
  }
}

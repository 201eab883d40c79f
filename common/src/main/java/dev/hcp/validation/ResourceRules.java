package dev.hcp.validation;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceClaim;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compute resources. What an API server would refuse in a pod keeps all pods from starting. */
final class ResourceRules {
  private static final Set<String> NAMES = Set.of("cpu", "memory", "ephemeral-storage");
  private static final String HUGE_PAGES = "hugepages-";
  private static final Pattern HUGE_PAGES_FORM =
      Pattern.compile("hugepages-[1-9][0-9]{0,9}(?:[KMGTPE]i|[kMGTPE])?");
  private static final String REQUESTS = "requests.";

  private ResourceRules() {}

  static void check(Field field, ResourceRequirements resources) {
    var limits = quantities(resources.getLimits());
    var requests = quantities(resources.getRequests());
    limits.forEach((name, quantity) -> checkEntry(field.at("limits").key(name), name, quantity));
    requests.forEach((name, quantity) -> {
      var request = field.at("requests").key(name);
      checkEntry(request, name, quantity);
      var limit = limits.get(name);
      if (limit == null) {
        request.require(
            !isIndivisible(name),
            Quantities.text(quantity),
            "must come with a limit of the same quantity");
      } else if (isIndivisible(name)) {
        request.require(
            Quantities.compare(quantity, limit).orElse(0) == 0,
            Quantities.text(quantity),
            "must be the same as the limit, %s".formatted(Quantities.text(limit)));
      } else if (Quantities.compare(quantity, limit).orElse(0) > 0) {
        request.reject(
            Quantities.text(quantity),
            "must be at most the limit, %s".formatted(Quantities.text(limit)));
      }
    });
    checkClaims(field.at("claims"), resources.getClaims());
  }

  private static void checkEntry(Field field, String name, Quantity quantity) {
    field.require(
        NAMES.contains(name) || isHugePages(name) || isDevice(name),
        name,
        "must be cpu, memory, ephemeral-storage, hugepages-<size>, or a name such as"
            + " example.com/device");
    Quantities.notNegative(field, quantity);
    if (isHugePages(name)) {
      var page = name.substring(HUGE_PAGES.length());
      field.require(
          Quantities.isMultiple(quantity, new Quantity(page)),
          Quantities.text(quantity),
          "must be a multiple of the size of a page, %s".formatted(page));
    } else if (name.contains("/")) {
      field.require(
          Quantities.isMultiple(quantity, new Quantity("1")),
          Quantities.text(quantity),
          "must be a whole number, since a device cannot be divided");
    }
  }

  private static boolean isHugePages(String name) {
    return HUGE_PAGES_FORM.matcher(name).matches();
  }

  /** Kubernetes keeps the prefix for quotas, of which the names must not become too long either. */
  private static boolean isDevice(String name) {
    return name.contains("/")
        && !name.startsWith(REQUESTS)
        && QualifiedNames.isKey(name)
        && QualifiedNames.isKey(REQUESTS + name);
  }

  private static void checkClaims(Field field, @Nullable List<ResourceClaim> claims) {
    if (claims != null && !claims.isEmpty()) {
      field.reject(
          String.join(",", claims.stream().map(ResourceClaim::getName).toList()),
          "must be empty: these pods have no resource claims");
    }
  }

  /** Whether a resource cannot be overcommitted. */
  private static boolean isIndivisible(String name) {
    return name.contains("/") || name.startsWith(HUGE_PAGES);
  }

  private static Map<String, Quantity> quantities(@Nullable Map<String, Quantity> quantities) {
    return quantities == null ? Map.of() : quantities;
  }
}

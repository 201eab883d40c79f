package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells without a request whether a server-side apply would change an object.
 *
 * <p>The API server records which fields a manager applied last. That record says what is ours, and
 * it also says how each list is merged: elements listed by key ({@code k:}), by value ({@code v:})
 * or not at all, which means that the list belongs to its manager as a whole. So the comparison
 * follows the record and needs no schema. Three things make a difference:
 *
 * <ul>
 *   <li>a field that is wanted but not recorded as ours: never applied, or taken over by another;
 *   <li>a field that is recorded as ours but not wanted any more;
 *   <li>a value that is not the wanted one.
 * </ul>
 *
 * <p>Inside a list or object that is owned as a whole, the record does not tell what the server
 * added by itself. There the well-known defaults are accepted and anything else is a difference. A
 * default that is not known here therefore costs a needless request, but never hides a change.
 *
 * <p>All objects are trees of maps, lists and scalars.
 */
final class ManagedFields {
  private static final String FIELD = "f:";
  private static final String KEY = "k:";
  private static final String VALUE = "v:";
  private static final String SELF = ".";
  private static final String ELEMENT = "[]";

  private static final Set<String> UNMANAGED = Set.of("apiVersion", "kind", "status");
  private static final Set<String> UNMANAGED_METADATA =
      Set.of(
          "name",
          "generateName",
          "namespace",
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "selfLink",
          "managedFields");

  /** A value that the server adds to a list or object that is owned as a whole. */
  private record ServerDefault(List<String> path, Object value) {
    ServerDefault(String path, Object value) {
      this(List.of(path.split("/")), value);
    }

    boolean explains(List<String> at, Object actual) {
      return at.size() >= path.size()
          && at.subList(at.size() - path.size(), at.size()).equals(path)
          && sameScalar(value, actual);
    }
  }

  private static final List<ServerDefault> SERVER_DEFAULTS =
      List.of(
          new ServerDefault("volumeClaimTemplates/[]/apiVersion", "v1"),
          new ServerDefault("volumeClaimTemplates/[]/kind", "PersistentVolumeClaim"),
          new ServerDefault("volumeClaimTemplates/[]/spec/volumeMode", "Filesystem"),
          new ServerDefault("volumeClaimTemplates/[]/status/phase", "Pending"),
          new ServerDefault("fieldRef/apiVersion", "v1"),
          new ServerDefault("resourceFieldRef/divisor", "0"),
          new ServerDefault("serviceAccountToken/expirationSeconds", 3600),
          new ServerDefault("ports/[]/protocol", "TCP"),
          new ServerDefault("parentRefs/[]/group", "gateway.networking.k8s.io"),
          new ServerDefault("parentRefs/[]/kind", "Gateway"),
          new ServerDefault("backendRefs/[]/group", ""),
          new ServerDefault("backendRefs/[]/kind", "Service"),
          new ServerDefault("backendRefs/[]/weight", 1));

  private static final Set<String> QUANTITY_MAPS = Set.of("limits", "requests", "capacity");
  private static final Set<String> QUANTITIES = Set.of("sizeLimit", "divisor");

  private final KubernetesSerialization serialization;

  ManagedFields(KubernetesSerialization serialization) {
    this.serialization = serialization;
  }

  /**
   * Looks for a reason to apply.
   *
   * @param desired what would be applied
   * @param live the object as the server has it, with its managed fields
   * @param manager field manager that applies
   * @return where the two differ and how; empty if an apply would change nothing
   */
  Optional<String> difference(Map<?, ?> desired, Map<?, ?> live, String manager) {
    var fields = fields(live, manager, "");
    if (fields.isEmpty()) {
      return Optional.of("nothing was applied by " + manager + " yet");
    }
    return differenceOfFields(
        fields.get(), withoutUnmanaged(desired), withoutUnmanaged(live), List.of());
  }

  /** The same for a status, where both trees hold nothing else that counts. */
  Optional<String> differenceOfStatus(Map<?, ?> desired, Map<?, ?> live, String manager) {
    var fields = fields(live, manager, "status");
    if (fields.isEmpty()) {
      return Optional.of("no status was applied by " + manager + " yet");
    }
    return differenceOfFields(fields.get(), statusOnly(desired), statusOnly(live), List.of());
  }

  private static Optional<Map<?, ?>> fields(Map<?, ?> live, String manager, String subresource) {
    if (live.get("metadata") instanceof Map<?, ?> metadata
        && metadata.get("managedFields") instanceof List<?> entries) {
      for (var entry : entries) {
        if (entry instanceof Map<?, ?> record
            && manager.equals(record.get("manager"))
            && "Apply".equals(record.get("operation"))
            && subresource.equals(Objects.requireNonNullElse(record.get("subresource"), ""))
            && record.get("fieldsV1") instanceof Map<?, ?> fields) {
          return Optional.of(fields);
        }
      }
    }
    return Optional.empty();
  }

  private static Map<?, ?> withoutUnmanaged(Map<?, ?> object) {
    var copy = new LinkedHashMap<Object, Object>(object);
    copy.keySet().removeAll(UNMANAGED);
    if (copy.get("metadata") instanceof Map<?, ?> metadata) {
      var rest = new LinkedHashMap<Object, Object>(metadata);
      rest.keySet().removeAll(UNMANAGED_METADATA);
      copy.put("metadata", rest);
    }
    return copy;
  }

  private static Map<?, ?> statusOnly(Map<?, ?> object) {
    return object.get("status") instanceof Map<?, ?> status ? Map.of("status", status) : Map.of();
  }

  private Optional<String> difference(
      Map<?, ?> fields, @Nullable Object desired, @Nullable Object live, List<String> at) {
    var names = new HashSet<Object>(fields.keySet());
    names.remove(SELF);
    if (names.isEmpty()) {
      return differenceOfWhole(desired, live, at);
    }
    var first = (String) names.iterator().next();
    if (first.startsWith(FIELD)) {
      return differenceOfFields(fields, desired, live, at);
    }
    if (first.startsWith(KEY)) {
      return differenceOfKeyed(fields, desired, live, at);
    }
    if (first.startsWith(VALUE)) {
      return differenceOfSet(fields, desired, live, at);
    }
    return differenceOfWhole(desired, live, at);
  }

  private Optional<String> differenceOfFields(
      Map<?, ?> fields, @Nullable Object desired, @Nullable Object live, List<String> at) {
    if (!(desired instanceof Map<?, ?> wanted)) {
      return different(at, "is ours and not wanted any more");
    }
    var actual = live instanceof Map<?, ?> map ? map : Map.of();
    for (var field : fields.entrySet()) {
      var name = (String) field.getKey();
      if (!name.startsWith(FIELD)) {
        continue;
      }
      var plain = name.substring(FIELD.length());
      var below = below(at, plain);
      if (!wanted.containsKey(plain)) {
        return different(below, "is ours and not wanted any more");
      }
      var difference =
          difference((Map<?, ?>) field.getValue(), wanted.get(plain), actual.get(plain), below);
      if (difference.isPresent()) {
        return difference;
      }
    }
    for (var entry : wanted.entrySet()) {
      if (!fields.containsKey(FIELD + entry.getKey())
          && !(isEmpty(entry.getValue()) && isEmpty(actual.get(entry.getKey())))) {
        return different(below(at, (String) entry.getKey()), "is wanted and not ours");
      }
    }
    return Optional.empty();
  }

  private Optional<String> differenceOfKeyed(
      Map<?, ?> fields, @Nullable Object desired, @Nullable Object live, List<String> at) {
    if (!(desired instanceof List<?> wanted) || !(live instanceof List<?> actual)) {
      return different(at, "is not the list that was applied");
    }
    var unmatched = new ArrayList<Object>(wanted);
    var positions = new TreeMap<Integer, Integer>();
    for (var field : fields.entrySet()) {
      var name = (String) field.getKey();
      if (!name.startsWith(KEY)) {
        continue;
      }
      var below = below(at, name.substring(KEY.length()));
      Map<?, ?> key = serialization.unmarshal(name.substring(KEY.length()), Map.class);
      var element = withKey(unmatched, key);
      if (element.isEmpty()) {
        return different(below, "is ours and not wanted any more");
      }
      unmatched.remove(element.get());
      var liveElement = withKey(actual, key);
      var difference =
          difference((Map<?, ?>) field.getValue(), element.get(), liveElement.orElse(null), below);
      if (difference.isPresent()) {
        return difference;
      }
      positions.put(wanted.indexOf(element.get()), actual.indexOf(liveElement.orElse(null)));
    }
    if (!unmatched.isEmpty()) {
      return different(at, "lacks an element that is wanted");
    }
    // Order counts: variables refer to earlier ones, init containers run one after the other.
    return isAscending(positions.values())
        ? Optional.empty()
        : different(at, "has its elements in another order");
  }

  private static boolean isAscending(Collection<Integer> numbers) {
    var last = -1;
    for (int number : numbers) {
      if (number < last) {
        return false;
      }
      last = number;
    }
    return true;
  }

  /** The element with a key; one that leaves part of the key to its default only if no other. */
  private static Optional<Object> withKey(List<?> elements, Map<?, ?> key) {
    Optional<Object> partly = Optional.empty();
    for (var element : elements) {
      if (element instanceof Map<?, ?> map) {
        var same = 0;
        var other = false;
        for (var part : key.entrySet()) {
          var value = map.get(part.getKey());
          if (sameScalar(value, part.getValue())) {
            same++;
          } else if (value != null) {
            other = true;
          }
        }
        if (same == key.size()) {
          return Optional.of(element);
        }
        if (!other && same > 0) {
          partly = Optional.of(element);
        }
      }
    }
    return partly;
  }

  private Optional<String> differenceOfSet(
      Map<?, ?> fields, @Nullable Object desired, @Nullable Object live, List<String> at) {
    if (!(desired instanceof List<?> wanted) || !(live instanceof List<?> actual)) {
      return different(at, "is not the list that was applied");
    }
    var owned = new ArrayList<Object>();
    for (var name : fields.keySet()) {
      if (((String) name).startsWith(VALUE)) {
        owned.add(serialization.unmarshal(((String) name).substring(VALUE.length()), Object.class));
      }
    }
    for (var value : wanted) {
      if (!contains(owned, value) || !contains(actual, value)) {
        return different(below(at, String.valueOf(value)), "is wanted and not ours");
      }
    }
    for (var value : owned) {
      if (!contains(wanted, value)) {
        return different(below(at, String.valueOf(value)), "is ours and not wanted any more");
      }
    }
    return Optional.empty();
  }

  private static boolean contains(List<?> values, Object value) {
    return values.stream().anyMatch(candidate -> sameScalar(candidate, value));
  }

  /** Compares what is owned as a whole: scalars, and lists and objects that are not merged. */
  private Optional<String> differenceOfWhole(
      @Nullable Object desired, @Nullable Object live, List<String> at) {
    if (isEmpty(desired) && isEmpty(live)) {
      return Optional.empty();
    }
    if (desired instanceof Map<?, ?> wanted && live instanceof Map<?, ?> actual) {
      for (var entry : wanted.entrySet()) {
        var name = (String) entry.getKey();
        var difference = differenceOfWhole(entry.getValue(), actual.get(name), below(at, name));
        if (difference.isPresent()) {
          return difference;
        }
      }
      for (var entry : actual.entrySet()) {
        var name = (String) entry.getKey();
        if (!wanted.containsKey(name) && !isServerDefault(below(at, name), entry.getValue())) {
          return different(below(at, name), "is not wanted");
        }
      }
      return Optional.empty();
    }
    if (desired instanceof List<?> wanted && live instanceof List<?> actual) {
      if (wanted.size() != actual.size()) {
        return different(at, "has %d elements, not %d".formatted(actual.size(), wanted.size()));
      }
      for (int i = 0; i < wanted.size(); i++) {
        var difference = differenceOfWhole(wanted.get(i), actual.get(i), below(at, ELEMENT));
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    }
    if (sameScalar(desired, live) || (isQuantity(at) && sameQuantity(desired, live))) {
      return Optional.empty();
    }
    // Values are left out: they may be those of a Secret.
    return different(at, "has another value");
  }

  private static boolean isServerDefault(List<String> at, @Nullable Object value) {
    if (isEmpty(value)) {
      return true;
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .allMatch(entry -> isServerDefault(below(at, (String) entry.getKey()), entry.getValue()));
    }
    var scalar = Objects.requireNonNull(value);
    return SERVER_DEFAULTS.stream().anyMatch(known -> known.explains(at, scalar));
  }

  private static boolean isEmpty(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case Map<?, ?> map -> map.isEmpty();
      case List<?> list -> list.isEmpty();
      default -> false;
    };
  }

  private static boolean sameScalar(@Nullable Object one, @Nullable Object other) {
    if (one instanceof Number a && other instanceof Number b) {
      return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
    }
    return Objects.equals(one, other);
  }

  private static boolean isQuantity(List<String> at) {
    return !at.isEmpty()
        && (QUANTITIES.contains(at.getLast())
            || (at.size() > 1 && QUANTITY_MAPS.contains(at.get(at.size() - 2))));
  }

  private static boolean sameQuantity(@Nullable Object one, @Nullable Object other) {
    if (one == null || other == null) {
      return false;
    }
    try {
      return amount(one).compareTo(amount(other)) == 0;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static BigDecimal amount(Object quantity) {
    return Quantity.getAmountInBytes(Quantity.parse(quantity.toString()));
  }

  private static List<String> below(List<String> at, String name) {
    var path = new ArrayList<>(at);
    path.add(name);
    return path;
  }

  private static Optional<String> different(List<String> at, String how) {
    return Optional.of(String.join(".", at) + " " + how);
  }
}

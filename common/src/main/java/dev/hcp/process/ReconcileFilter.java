package dev.hcp.process;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Restricts a controller to single control planes, for debugging.
 *
 * @param namespace namespace of the only objects to handle; empty: any
 * @param name name of the only objects to handle; empty: any
 */
public record ReconcileFilter(Optional<String> namespace, Optional<String> name) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  /** Lets everything through. */
  public static final ReconcileFilter ALL = new ReconcileFilter(Optional.empty(), Optional.empty());

  /** Reads {@code name} or {@code namespace/name}; nothing means {@link #ALL}. */
  static ReconcileFilter parse(String variable, String text) {
    if (text.isEmpty()) {
      return ALL;
    }
    int slash = text.indexOf('/');
    var namespace = slash < 0 ? Optional.<String>empty() : Optional.of(text.substring(0, slash));
    var name = text.substring(slash + 1);
    if (!NAME.matcher(name).matches()
        || namespace.filter(value -> !NAME.matcher(value).matches()).isPresent()) {
      throw Environment.refused(variable, text, "name, namespace/name");
    }
    return new ReconcileFilter(namespace, Optional.of(name));
  }

  /** Whether an object may be handled. */
  public boolean matches(String objectNamespace, String objectName) {
    return namespace.filter(value -> !value.equals(objectNamespace)).isEmpty()
        && name.filter(value -> !value.equals(objectName)).isEmpty();
  }
}

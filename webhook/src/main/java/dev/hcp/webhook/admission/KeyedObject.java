package dev.hcp.webhook.admission;

/**
 * A Secret or ConfigMap of the control plane's namespace.
 *
 * @param kind which of the two
 * @param name its name
 */
public record KeyedObject(Kind kind, String name) implements Comparable<KeyedObject> {
  /** Kinds of objects with keys. */
  public enum Kind {
    /** A ConfigMap. */
    CONFIG_MAP("ConfigMap"),
    /** A Secret. */
    SECRET("Secret");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  @Override
  public int compareTo(KeyedObject other) {
    int order = kind.compareTo(other.kind);
    return order == 0 ? name.compareTo(other.name) : order;
  }

  @Override
  public String toString() {
    return "%s %s".formatted(kind.text, name);
  }
}

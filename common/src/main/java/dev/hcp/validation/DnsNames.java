package dev.hcp.validation;

import java.util.regex.Pattern;

/** Names of Kubernetes objects. */
final class DnsNames {
  private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final Pattern LABEL_FORM = Pattern.compile(LABEL);
  private static final Pattern SUBDOMAIN_FORM = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
  private static final Pattern KEY_FORM = Pattern.compile("[-._a-zA-Z0-9]+");
  private static final int LONGEST_LABEL = 63;
  private static final int LONGEST_NAME = 253;

  private DnsNames() {}

  static boolean isLabel(String name) {
    return name.length() <= LONGEST_LABEL && LABEL_FORM.matcher(name).matches();
  }

  /** Namespaces, and names of volumes, Services and the like. */
  static void label(Field field, String name) {
    field.require(
        isLabel(name),
        name,
        "must be 1 to 63 lower-case letters, digits or '-', with a letter or digit at both ends");
  }

  static boolean isSubdomain(String name) {
    return name.length() <= LONGEST_NAME && SUBDOMAIN_FORM.matcher(name).matches();
  }

  /** Names of most objects. */
  static void subdomain(Field field, String name) {
    field.require(
        isSubdomain(name),
        name,
        "must be 1 to 253 lower-case letters, digits, '-' or '.', with a letter or digit at the"
            + " ends of each part");
  }

  /** Keys of Secrets and ConfigMaps. */
  static void key(Field field, String key) {
    field.require(
        key.length() <= LONGEST_NAME && KEY_FORM.matcher(key).matches(),
        key,
        "must be 1 to 253 letters, digits, '-', '_' or '.'");
  }
}

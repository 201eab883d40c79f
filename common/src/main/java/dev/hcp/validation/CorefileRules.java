package dev.hcp.validation;

import java.util.List;
import java.util.regex.Pattern;

/** The configuration of CoreDNS: pods that do not answer probes are never ready. */
final class CorefileRules {
  /** A snippet or file that is imported may hold anything. */
  private static final Pattern IMPORT = line("import");

  private static final Pattern COMMENT = Pattern.compile("#.*");

  private CorefileRules() {}

  static void check(Field field, String corefile) {
    var text = COMMENT.matcher(corefile).replaceAll("");
    for (var plugin : List.of("health", "ready")) {
      field.require(
          line(plugin).matcher(text).find() || IMPORT.matcher(text).find(),
          corefile,
          "must have a line with the plugin %s, which the probes of the pods ask"
              .formatted(plugin));
    }
  }

  private static Pattern line(String word) {
    return Pattern.compile("(?m)^[ \\t]*" + word + "(\\s|\\{|$)");
  }
}

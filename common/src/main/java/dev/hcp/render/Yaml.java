package dev.hcp.render;

import java.util.List;
import java.util.Map;

/** Files in YAML, from maps, lists, texts, numbers and booleans. */
public final class Yaml {
  private static final String STEP = "  ";
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int LAST_ASCII = 0x7e;

  private Yaml() {}

  /**
   * A document.
   *
   * @param tree a map, in whose order the keys appear
   */
  public static String write(Map<String, ?> tree) {
    var text = new StringBuilder();
    map(text, tree, "");
    return text.toString();
  }

  private static void map(StringBuilder text, Map<?, ?> map, String indent) {
    map.forEach((key, value) -> {
      text.append(indent).append(key).append(':');
      value(text, value, indent);
    });
  }

  private static void value(StringBuilder text, Object value, String indent) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        text.append('\n');
        map(text, map, indent + STEP);
      }
      case List<?> list when !list.isEmpty() -> {
        text.append('\n');
        list.forEach(element -> element(text, element, indent));
      }
      default -> text.append(' ').append(scalar(value)).append('\n');
    }
  }

  private static void element(StringBuilder text, Object element, String indent) {
    if (element instanceof Map<?, ?> map && !map.isEmpty()) {
      int start = text.length();
      map(text, map, indent + STEP);
      // The first key stands beside the dash.
      text.replace(start + indent.length(), start + indent.length() + STEP.length(), "- ");
    } else {
      text.append(indent).append("- ").append(scalar(element)).append('\n');
    }
  }

  private static String scalar(Object value) {
    return switch (value) {
      case String string -> quoted(string);
      case Map<?, ?> _ -> "{}";
      case List<?> _ -> "[]";
      default -> value.toString();
    };
  }

  /** Texts are always quoted, so that none is taken for something else. */
  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"', '\\' -> quoted.append('\\').appendCodePoint(c);
            case '\n' -> quoted.append("\\n");
            default -> {
              if (c >= FIRST_PRINTABLE && c <= LAST_ASCII) {
                quoted.appendCodePoint(c);
              } else {
                quoted.append((c > Character.MAX_VALUE ? "\\U%08x" : "\\u%04x").formatted(c));
              }
            }
          }
        });
    return quoted.append('"').toString();
  }
}

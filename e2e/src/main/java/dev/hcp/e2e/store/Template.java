package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text files that come with the bed, with {@code ${NAME}} in place of what differs from bed to bed.
 */
public final class Template {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z_]+)}");

  private Template() {}

  /** The resource {@code name} with every placeholder replaced. */
  public static String render(String name, Map<String, String> values) {
    return fill(name, read(name), values);
  }

  static String fill(String name, String text, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(match -> {
          var value = values.get(match.group(1));
          if (value == null) {
            throw new BedException("%s: no value for ${%s}".formatted(name, match.group(1)));
          }
          return Matcher.quoteReplacement(value);
        });
  }

  private static String read(String name) {
    try (var stream = Template.class.getResourceAsStream("/dev/hcp/e2e/" + name)) {
      if (stream == null) {
        throw new BedException("the resource %s is missing from the test bed".formatted(name));
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

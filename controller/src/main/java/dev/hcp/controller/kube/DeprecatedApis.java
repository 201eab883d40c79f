package dev.hcp.controller.kube;

import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Picks the APIs that will be removed out of metrics in the text format of Prometheus, however long
 * these are.
 */
final class DeprecatedApis {
  private static final String METRIC = "apiserver_requested_deprecated_apis";

  /** Names of groups, versions and resources are short; other lines may be longer. */
  private static final int LONGEST_LINE = 4096;

  /** There are not as many APIs. */
  private static final int MOST = 1000;

  private static final long LARGEST = 512L * 1024 * 1024;

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final Set<DeprecatedApi> found = new HashSet<>();
  private boolean tooLong;
  private long size;

  /**
   * Takes the next bytes.
   *
   * @throws IllegalStateException if they are so many that something must be wrong
   */
  void read(ByteBuffer bytes) {
    size += bytes.remaining();
    if (size > LARGEST) {
      throw new IllegalStateException("the answer has more than %d bytes".formatted(LARGEST));
    }
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        end();
      } else if (line.size() < LONGEST_LINE) {
        line.write(next);
      } else {
        tooLong = true;
      }
    }
  }

  /** What was found in the lines that were read to their end. */
  Set<DeprecatedApi> found() {
    return Set.copyOf(found);
  }

  private void end() {
    if (!tooLong && found.size() < MOST) {
      parse(line.toString(StandardCharsets.UTF_8)).ifPresent(found::add);
    }
    line.reset();
    tooLong = false;
  }

  private static Optional<DeprecatedApi> parse(String line) {
    int open = line.indexOf('{');
    int close = line.lastIndexOf('}');
    if (open < 0 || close < open || !line.substring(0, open).equals(METRIC)) {
      return Optional.empty();
    }
    // The metric is 1 for what was asked for, and has no sample for what was not.
    if (line.substring(close + 1).strip().startsWith("0")) {
      return Optional.empty();
    }
    var labels = new HashMap<String, String>();
    var matcher = LABEL.matcher(line.substring(open + 1, close));
    while (matcher.find()) {
      labels.put(matcher.group(1), matcher.group(2));
    }
    return Optional.of(
        new DeprecatedApi(
            labels.getOrDefault("group", ""),
            labels.getOrDefault("version", ""),
            labels.getOrDefault("resource", ""),
            labels.getOrDefault("subresource", ""),
            labels.getOrDefault("removed_release", "")));
  }
}

package dev.hcp.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What came out of a run.
 *
 * @param tests the conformance tests, those that did not run included
 */
public record Report(List<Test> tests) {
  /** Where a run leaves it. */
  static final String FILE = "results.json";

  private static final Pattern GROUP = Pattern.compile("\\[sig-([a-z-]+)]");
  private static final String CONFORMANCE = "[Conformance]";
  private static final int LONGEST_MESSAGE = 300;

  /** How a test ended. */
  public enum Result {
    /** It found what it wants. */
    PASSED,
    /** It did not, or could not tell. */
    FAILED,
    /** It ran and found that it does not apply. */
    SKIPPED,
    /** It was not selected. */
    NOT_RUN
  }

  /**
   * One test.
   *
   * @param name with everything it stands in
   * @param result how it ended
   * @param took how long it ran
   * @param message what it says about a failure, empty for none
   */
  public record Test(String name, Result result, Duration took, String message) {
    /** The part of Kubernetes it belongs to. */
    public String group() {
      var match = GROUP.matcher(name);
      return match.find() ? match.group(1) : "other";
    }
  }

  /** Keeps what is given. */
  public Report {
    tests = List.copyOf(tests);
  }

  /** Reads what the test program has written. */
  public static Report read(Path json) {
    try {
      return parse(Files.readString(json));
    } catch (IOException e) {
      throw new BedException(
          "cannot read what the conformance tests have reported in %s: %s"
              .formatted(json, e.getMessage()),
          e);
    }
  }

  static Report parse(String json) throws IOException {
    var tests = new ArrayList<Test>();
    for (var suite : new ObjectMapper().readTree(json)) {
      for (var spec : suite.path("SpecReports")) {
        var test = test(spec);
        var isTest = spec.path("LeafNodeType").asText().equals("It");
        // Preparations are no tests, but when they fail nothing else says so.
        if (isTest ? test.name().contains(CONFORMANCE) : test.result() == Result.FAILED) {
          tests.add(test);
        }
      }
    }
    tests.sort(Comparator.comparing(Test::name));
    return new Report(tests);
  }

  private static Test test(JsonNode spec) {
    var hierarchy = new ArrayList<String>();
    spec.path("ContainerHierarchyTexts").forEach(text -> hierarchy.add(text.asText()));
    var type = spec.path("LeafNodeType").asText();
    var text = spec.path("LeafNodeText").asText();
    var name =
        Stream.concat(hierarchy.stream(), Stream.of(text.isEmpty() ? type : text))
            .collect(Collectors.joining(" "));
    var message = spec.path("Failure").path("Message").asText();
    var result =
        switch (spec.path("State").asText()) {
          case "passed" -> Result.PASSED;
          case "skipped" -> message.isEmpty() ? Result.NOT_RUN : Result.SKIPPED;
          case "pending", "" -> Result.NOT_RUN;
          default -> Result.FAILED;
        };
    return new Test(name, result, Duration.ofNanos(spec.path("RunTime").asLong()), message);
  }

  /** The same after another run: whatever ran again counts as it ended then. */
  public Report after(Report later) {
    var byName = new TreeMap<String, Test>();
    tests.forEach(test -> byName.put(test.name(), test));
    later.tests.forEach(test ->
        byName.merge(
            test.name(), test, (before, now) -> now.result() == Result.NOT_RUN ? before : now));
    return new Report(List.copyOf(byName.values()));
  }

  /** The tests that ended that way. */
  public List<Test> with(Result result) {
    return tests.stream().filter(test -> test.result() == result).toList();
  }

  /** How many tests of each group ended how, what failed, and what was left out and why. */
  public String markdown(List<Selection.LeftOut> leftOut) {
    var text = new StringBuilder();
    text.append("| Group | Passed | Failed | Skipped itself | Not run |\n");
    text.append("|---|---:|---:|---:|---:|\n");
    var groups =
        tests.stream()
            .collect(Collectors.groupingBy(Test::group, TreeMap::new, Collectors.toList()));
    groups.forEach((group, members) -> text.append(row(group, members)));
    text.append(row("**all**", tests));
    section(text, "Failed", with(Result.FAILED), Report::shortened);
    section(text, "Skipped itself", with(Result.SKIPPED), Report::shortened);
    section(text, "Left out", with(Result.NOT_RUN), test -> reason(test, leftOut));
    passed(text);
    return text.toString();
  }

  private static String row(String group, List<Test> tests) {
    var counts =
        Stream.of(Result.values())
            .map(result -> tests.stream().filter(test -> test.result() == result).count())
            .map(String::valueOf)
            .collect(Collectors.joining(" | "));
    return "| %s | %s |%n".formatted(group, counts);
  }

  private static void section(
      StringBuilder text, String title, List<Test> tests, Function<Test, String> remark) {
    var lines =
        tests.stream()
            .map(test -> "* %s: %s%n".formatted(test.name(), remark.apply(test)))
            // What was simply not asked for needs no list.
            .filter(line -> !line.strip().endsWith(":"))
            .collect(Collectors.joining());
    if (!lines.isEmpty()) {
      text.append("%n## %s%n%n%s".formatted(title, lines));
    }
  }

  private void passed(StringBuilder text) {
    var lines =
        with(Result.PASSED).stream()
            .map(test -> "* %s%n".formatted(test.name()))
            .collect(Collectors.joining());
    if (!lines.isEmpty()) {
      text.append("%n## Passed%n%n%s".formatted(lines));
    }
  }

  private static String shortened(Test test) {
    var line = test.message().replaceAll("\\s+", " ").strip();
    return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
  }

  private static String reason(Test test, List<Selection.LeftOut> leftOut) {
    return leftOut.stream()
        .filter(one -> Pattern.compile(one.tests()).matcher(test.name()).find())
        .map(Selection.LeftOut::reason)
        .findFirst()
        .orElse("");
  }
}

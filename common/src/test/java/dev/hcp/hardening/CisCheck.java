package dev.hcp.hardening;

import dev.hcp.flags.Program;
import java.util.function.Predicate;

/**
 * A recommendation of the benchmark, or several that are alike.
 *
 * @param id number in the benchmark
 * @param title what is recommended, in our words
 * @param verdict what becomes of it here
 */
public record CisCheck(String id, String title, Verdict verdict) {
  /** What becomes of a recommendation. */
  public sealed interface Verdict {
    /** For people: how, or why not. */
    String text();
  }

  /**
   * It holds for every control plane.
   *
   * @param program whose processes it is about
   * @param holds whether it holds for one of them
   */
  public record Met(Program program, String text, Predicate<ControlPlaneProcess> holds)
      implements Verdict {}

  /**
   * It holds where the user wants that.
   *
   * @param program whose processes it is about
   * @param spec fields of a spec, as YAML, with which it holds
   * @param holds whether it holds for one of them
   */
  public record Choice(
      Program program, String text, String spec, Predicate<ControlPlaneProcess> holds)
      implements Verdict {}

  /**
   * It does not hold, for a reason. It is no longer an exception once it does.
   *
   * @param program whose processes it is about
   * @param asWritten whether it holds for one of them all the same
   * @param instead what holds in its place
   */
  public record Deviation(
      Program program,
      String text,
      Predicate<ControlPlaneProcess> asWritten,
      Predicate<ControlPlaneProcess> instead)
      implements Verdict {}

  /** There is nothing here that it could be about. */
  public record Elsewhere(String text) implements Verdict {}

  /** As a row of the table in the documentation. */
  String row() {
    var word =
        switch (verdict) {
          case Met _ -> "met";
          case Choice _ -> "by choice";
          case Deviation _ -> "exception";
          case Elsewhere _ -> "does not apply";
        };
    return "| %s | %s | **%s**: %s |".formatted(id, title, word, verdict.text());
  }

  @Override
  public String toString() {
    return id + " " + title;
  }
}

package dev.hcp.e2e.contract;

/**
 * What came of a rule.
 *
 * @param outcome whether it is kept
 * @param evidence what was read, and where it is not as it should be, what was wanted
 */
public record Verdict(Outcome outcome, String evidence) {
  /** Whether a rule is kept. */
  public enum Outcome {
    /** It is. */
    PASS("pass"),
    /** It is not. */
    FAIL("fail"),
    /** What it speaks of does not exist with this provider, or was not asked for. */
    NOT_APPLICABLE("not applicable");

    private final String words;

    Outcome(String words) {
      this.words = words;
    }

    /** In words. */
    public String words() {
      return words;
    }
  }

  static Verdict pass(String evidence) {
    return new Verdict(Outcome.PASS, evidence);
  }

  static Verdict fail(String evidence) {
    return new Verdict(Outcome.FAIL, evidence);
  }

  static Verdict notApplicable(String why) {
    return new Verdict(Outcome.NOT_APPLICABLE, why);
  }
}

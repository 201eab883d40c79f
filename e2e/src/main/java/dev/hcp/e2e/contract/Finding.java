package dev.hcp.e2e.contract;

/**
 * What came of one rule.
 *
 * @param rule the rule
 * @param verdict whether it is kept, and what was read
 */
public record Finding(Rule rule, Verdict verdict) {
  /** Whether the provider breaks what every provider of its kind has to keep. */
  public boolean isBreach() {
    return verdict.outcome() == Verdict.Outcome.FAIL && rule.level() != Level.OPTIONAL;
  }
}

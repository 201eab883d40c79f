package dev.hcp.e2e.contract;

import java.util.function.Function;

/**
 * A rule that can be judged by what was read.
 *
 * @param rule the rule
 * @param judge the judgement
 */
record ReadRule(Rule rule, Function<Snapshot, Verdict> judge) {
  static ReadRule of(String id, Level level, String text, Function<Snapshot, Verdict> judge) {
    return new ReadRule(new Rule(id, level, text), judge);
  }
}

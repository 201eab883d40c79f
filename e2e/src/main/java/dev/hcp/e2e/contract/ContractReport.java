package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * What came of all rules.
 *
 * @param subject the provider
 * @param findings each rule, in the order of the contract
 */
public record ContractReport(Subject subject, List<Finding> findings) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Keeps what is given. */
  public ContractReport {
    findings = List.copyOf(findings);
  }

  /** Those with this outcome. */
  public List<Finding> with(Verdict.Outcome outcome) {
    return findings.stream().filter(finding -> finding.verdict().outcome() == outcome).toList();
  }

  /** Rules that the provider would have to keep, and does not. */
  public List<Finding> breaches() {
    return findings.stream().filter(Finding::isBreach).toList();
  }

  /** For people: a table. */
  public String markdown() {
    var text = new StringBuilder();
    text.append(
        "%s: %d rules pass, %d fail, %d do not apply.%n"
            .formatted(
                subject,
                with(Verdict.Outcome.PASS).size(),
                with(Verdict.Outcome.FAIL).size(),
                with(Verdict.Outcome.NOT_APPLICABLE).size()));
    text.append("\n| Rule | | Result | What it wants | What was read |\n|---|---|---|---|---|\n");
    for (var finding : findings) {
      text.append(
          "| %s | %s | %s | %s | %s |%n"
              .formatted(
                  finding.rule().id(),
                  finding.rule().level().letter(),
                  finding.verdict().outcome() == Verdict.Outcome.FAIL
                      ? "**fail**"
                      : finding.verdict().outcome().words(),
                  cell(finding.rule().text()),
                  cell(finding.verdict().evidence())));
    }
    return text.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replaceAll("\\s+", " ").strip();
  }

  /** For programs. */
  public String json() {
    var report = JSON.createObjectNode();
    report.put("apiVersion", subject.apiVersion());
    report.put("kind", subject.kind());
    report.put("cluster", subject.namespace() + "/" + subject.cluster());
    report.put("contract", "v1beta2");
    var rules = report.putArray("rules");
    for (var finding : findings) {
      var rule = rules.addObject();
      rule.put("id", finding.rule().id());
      rule.put("level", finding.rule().level().letter());
      rule.put("text", finding.rule().text());
      rule.put("result", finding.verdict().outcome().words());
      rule.put("evidence", finding.verdict().evidence());
    }
    return report.toPrettyString();
  }
}

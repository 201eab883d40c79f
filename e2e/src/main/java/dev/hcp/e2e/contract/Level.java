package dev.hcp.e2e.contract;

/** How much Cluster API relies on a rule. */
public enum Level {
  /** Every provider has to keep it. */
  MANDATORY("M"),
  /** Providers for which its condition holds have to keep it. */
  CONDITIONAL("C"),
  /** Cluster API works without it, but users miss something. */
  OPTIONAL("O");

  private final String letter;

  Level(String letter) {
    this.letter = letter;
  }

  /** The letter that reports use. */
  public String letter() {
    return letter;
  }
}

package dev.hcp.conditions;

/** Whether what a condition's type says holds. */
public enum ConditionStatus {
  /** It holds. */
  TRUE("True"),
  /** It does not hold. */
  FALSE("False"),
  /** It cannot be told. */
  UNKNOWN("Unknown");

  private final String value;

  ConditionStatus(String value) {
    this.value = value;
  }

  /** The status as it stands in manifests. */
  public String value() {
    return value;
  }
}

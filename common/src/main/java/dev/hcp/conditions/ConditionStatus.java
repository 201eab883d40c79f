package dev.hcp.conditions;

import java.util.Arrays;
import java.util.Optional;

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

  /** The status that stands so in manifests. */
  public static Optional<ConditionStatus> of(String value) {
    return Arrays.stream(values()).filter(known -> known.value.equals(value)).findFirst();
  }

  /** The status as it stands in manifests. */
  public String value() {
    return value;
  }
}

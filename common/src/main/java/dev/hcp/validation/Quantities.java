package dev.hcp.validation;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Quantities as numbers. */
final class Quantities {
  /** What Kubernetes counts to; it takes more for as much without a word. */
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  /** Room for every number up to that, and none for one that takes long to work out. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?[0-9]{0,30}\\.?[0-9]{0,30}(?:[KMGTPE]i|[numkMGTPE]?|[eE][-+]?[0-9]{1,3})");

  private Quantities() {}

  /** The number; empty if the quantity is none, as {@code 5GiB}, or larger than any amount. */
  static Optional<BigDecimal> amount(Quantity quantity) {
    if (!NUMBER.matcher(text(quantity)).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(quantity.getNumericalAmount())
          .filter(amount -> amount.abs().compareTo(MOST) <= 0);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Order of two quantities; empty unless both are numbers. */
  static OptionalInt compare(Quantity left, Quantity right) {
    var leftAmount = amount(left);
    var rightAmount = amount(right);
    return leftAmount.isPresent() && rightAmount.isPresent()
        ? OptionalInt.of(leftAmount.get().compareTo(rightAmount.get()))
        : OptionalInt.empty();
  }

  /** Whether a quantity is so many times another; true where either is no number. */
  static boolean isMultiple(Quantity quantity, Quantity unit) {
    var amount = amount(quantity);
    var one = amount(unit).filter(number -> number.signum() > 0);
    return amount.isEmpty() || one.isEmpty() || amount.get().remainder(one.get()).signum() == 0;
  }

  /** The quantity as it stands in manifests. */
  static String text(Quantity quantity) {
    return quantity.toString();
  }

  static void notNegative(Field field, Quantity quantity) {
    field.require(
        amount(quantity).filter(amount -> amount.signum() >= 0).isPresent(),
        text(quantity),
        "must be a quantity that is not negative and less than 8Ei, for example 500m or 10Gi");
  }
}

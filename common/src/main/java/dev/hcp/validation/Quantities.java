package dev.hcp.validation;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalInt;

/** Quantities as numbers. */
final class Quantities {
  private Quantities() {}

  /** The number; empty if the quantity is none, as {@code 5GiB}. */
  static Optional<BigDecimal> amount(Quantity quantity) {
    try {
      return Optional.of(quantity.getNumericalAmount());
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

  /** The quantity as it stands in manifests. */
  static String text(Quantity quantity) {
    return quantity.toString();
  }

  static void notNegative(Field field, Quantity quantity) {
    field.require(
        amount(quantity).filter(amount -> amount.signum() >= 0).isPresent(),
        text(quantity),
        "must be a quantity that is not negative, for example 500m or 10Gi");
  }
}

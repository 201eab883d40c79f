package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What admission accepts can be rendered. Specs are made at random, the same ones every time. */
class AcceptedSpecsTest {
  private static final int SPECS = Integer.getInteger("fuzz.specs", 2000);
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 1L);

  private final AcceptedSpecs specs = new AcceptedSpecs();

  @Test
  void canBeRendered() {
    int accepted = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SPECS; seed++) {
      var object = specs.object(seed);
      if (!specs.isAccepted(object)) {
        continue;
      }
      accepted++;
      try {
        assertThat(AcceptedSpecs.rendered(object)).hasSizeGreaterThan(20);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "Seed %d (again: -Dfuzz.specs=1 -Dfuzz.seed=%d): %s%n%s"
                .formatted(seed, seed, e.getMessage(), object),
            e);
      }
    }
    // A single spec is tried to look at it.
    assertThat(accepted).as("accepted of %d", SPECS).isGreaterThanOrEqualTo(SPECS / 4);
  }
}

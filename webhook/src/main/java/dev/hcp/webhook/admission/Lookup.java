package dev.hcp.webhook.admission;

/** Looks at other objects. Never fails and never takes long: what cannot be read is unknown. */
@FunctionalInterface
public interface Lookup extends AutoCloseable {
  /** Sees nothing. */
  Lookup NONE = _ -> Surroundings.UNKNOWN;

  /** Answers what can be answered. */
  Surroundings look(Questions questions);

  /** Gives up what is being looked at. */
  @Override
  default void close() {}
}

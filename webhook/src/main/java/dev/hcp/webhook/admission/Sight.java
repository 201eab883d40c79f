package dev.hcp.webhook.admission;

/**
 * What came of looking for something.
 *
 * @param <T> what was looked for
 */
public sealed interface Sight<T> {
  /** It is there. */
  record Seen<T>(T value) implements Sight<T> {}

  /** It is not there. */
  record Missing<T>() implements Sight<T> {}

  /** Nobody knows: it may not be read, or there was no answer in time. It counts for nothing. */
  record Unknown<T>() implements Sight<T> {}
}

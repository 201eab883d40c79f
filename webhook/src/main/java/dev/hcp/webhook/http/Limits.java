package dev.hcp.webhook.http;

import java.time.Duration;

/**
 * What a sender may ask for.
 *
 * @param maxBytes size of the largest request body, and of all bodies worked on at one time
 * @param patience how long a sender may be silent, or take for a body
 * @param turn how long a request may wait until it fits beside the others
 * @param drain how long requests under way may take when the server is closed
 */
public record Limits(int maxBytes, Duration patience, Duration turn, Duration drain) {
  /**
   * An object is at most 1.5 MiB in etcd and occurs twice in an update; the API server waits 10 s
   * for an answer.
   */
  public static final Limits DEFAULT =
      new Limits(
          8 * 1024 * 1024, Duration.ofSeconds(8), Duration.ofSeconds(5), Duration.ofSeconds(10));
}

package dev.hcp.controller.backup;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Compares what a restored etcd serves with the manifest of the backup. It asks by the JSON form of
 * etcd's API, which every etcd serves beside the other one: see "gRPC gateway" in etcd's
 * documentation. Numbers of 64 bits are strings there, and those that are 0 are left out.
 *
 * @param endpoint where etcd serves, without TLS
 * @param manifest file of the manifest
 * @param longest how long to wait until it serves, and how long an answer may take
 */
public record RestoreCheck(URI endpoint, Path manifest, Duration longest) {
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(250);
  private static final Duration QUESTION = Duration.ofMinutes(1);
  private static final int OK = 200;

  /** The lowest key, base64; as the end of a range, it stands for no end. */
  private static final String ALL = "AA==";

  /** The code of gRPC by which etcd says that a revision was dropped, or is none yet. */
  private static final int OUT_OF_RANGE = 11;

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /** Waits until etcd serves, looks at it, and says what was seen. */
  public RestoreReport run() throws InterruptedException {
    long start = System.nanoTime();
    try {
      var expected =
          Manifest.parse(Files.readAllBytes(manifest))
              .orElseThrow(() -> new IOException("%s is no manifest".formatted(manifest)));
      try (var client = HttpClient.newBuilder().connectTimeout(QUESTION).build()) {
        return compare(client, expected.snapshot(), awaitAnswer(client, start), start);
      }
    } catch (UnservedException e) {
      return RestoreReport.failure(Cause.NOT_RESTORABLE, e.getMessage(), milliseconds(start));
    } catch (IOException e) {
      return RestoreReport.failure(Cause.RESTORATION, e.toString(), milliseconds(start));
    }
  }

  /** An answer of etcd. */
  private record Answer(int status, Map<?, ?> fields) {
    /** A number of 64 bits. */
    long number(String field) {
      return number(fields, field);
    }

    long revision() {
      return fields.get("header") instanceof Map<?, ?> header ? number(header, "revision") : 0;
    }

    boolean isOutOfRange() {
      return fields.get("code") instanceof Number code && code.intValue() == OUT_OF_RANGE;
    }

    private static long number(Map<?, ?> fields, String field) {
      var value = fields.get(field);
      return value == null ? 0 : Long.parseLong(value.toString());
    }
  }

  /**
   * What etcd says of all keys, in agreement with itself: it has taken over as the leader then.
   *
   * @throws UnservedException if it does not in time, with what it said last
   */
  private Answer awaitAnswer(HttpClient client, long start)
      throws InterruptedException, UnservedException {
    while (true) {
      String problem;
      try {
        var answer = count(client, OptionalLong.empty());
        if (answer.status() == OK) {
          return answer;
        }
        problem = String.valueOf(answer.fields());
      } catch (IOException e) {
        problem = e.toString();
      }
      if (milliseconds(start) > longest.toMillis()) {
        throw new UnservedException(
            "etcd does not serve what was restored within %d s: %s"
                .formatted(longest.toSeconds(), problem));
      }
      Thread.sleep(BETWEEN_QUESTIONS);
    }
  }

  private RestoreReport compare(
      HttpClient client, Manifest.Snapshot expected, Answer whole, long start)
      throws IOException, InterruptedException {
    long revision = whole.revision();
    if (revision < expected.revision()) {
      return RestoreReport.failure(
          Cause.DIFFERENT,
          "what was restored has revision %d, and what was backed up had at least %d"
              .formatted(revision, expected.revision()),
          milliseconds(start));
    }
    var then =
        expected.keys() == null
            ? whole
            : count(client, OptionalLong.of(Math.max(1, expected.revision())));
    if (expected.keys() == null || then.isOutOfRange()) {
      // An old manifest; or old revisions were dropped while the snapshot was taken.
      return success(
          "%d keys at revision %d; there is no number to compare them with"
              .formatted(whole.number("count"), revision),
          revision,
          whole,
          start);
    }
    if (then.status() != OK) {
      throw new IOException("etcd does not count the keys: " + then.fields());
    }
    long keys = then.number("count");
    if (keys != expected.keys()) {
      return RestoreReport.failure(
          Cause.DIFFERENT,
          "what was restored has %d keys at revision %d, and what was backed up had %d"
              .formatted(keys, expected.revision(), expected.keys()),
          milliseconds(start));
    }
    return success(
        "%d keys at revision %d, as many as were backed up".formatted(keys, expected.revision()),
        revision,
        then,
        start);
  }

  private static RestoreReport success(String message, long revision, Answer keys, long start) {
    return new RestoreReport(
        RestoreReport.SUCCESS,
        null,
        message,
        null,
        revision,
        keys.number("count"),
        milliseconds(start));
  }

  private Answer count(HttpClient client, OptionalLong revision)
      throws IOException, InterruptedException {
    var body =
        "{\"key\":\"%s\",\"range_end\":\"%s\",\"count_only\":true%s}"
            .formatted(
                ALL,
                ALL,
                revision.isPresent() ? ",\"revision\":\"%d\"".formatted(revision.getAsLong()) : "");
    var response =
        client.send(
            HttpRequest.newBuilder(endpoint.resolve("/v3/kv/range"))
                .timeout(QUESTION)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    try {
      return new Answer(response.statusCode(), JSON.unmarshal(response.body(), Map.class));
    } catch (KubernetesClientException e) {
      throw new IOException("etcd answers what is no JSON: " + response.body(), e);
    }
  }

  /** etcd does not serve. */
  private static final class UnservedException extends IOException {
    private static final long serialVersionUID = 1L;

    UnservedException(String message) {
      super(message);
    }
  }

  private static long milliseconds(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}

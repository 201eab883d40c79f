package dev.hcp.controller.forwarder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.testing.EventReceiver;
import dev.hcp.process.ConfigurationException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forwarder with three receivers that listen for real. */
final class ForwarderTest {
  @TempDir Path directory;
  private final List<EventReceiver> receivers = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Forwarder forwarder;

  @BeforeEach
  void start() throws IOException {
    for (int i = 0; i < 3; i++) {
      var receiver = new EventReceiver("token-" + i);
      receivers.add(receiver);
      write(i, "url", receiver.url());
      write(i, "crt", receiver.authority());
      write(i, "token", "token-%d%n".formatted(i));
    }
    restart();
  }

  @AfterEach
  void stop() {
    forwarder.close();
    receivers.forEach(EventReceiver::close);
  }

  @Test
  void everyReceiverGetsEveryBatch() throws Exception {
    assertThat(post("one")).isEqualTo(200);
    assertThat(post("two")).isEqualTo(200);
    assertThat(receivers)
        .allSatisfy(receiver -> assertThat(receiver.events()).containsExactly("one", "two"));
  }

  @Test
  void aBatchFailsUntilTheLastReceiverHasItAndReachesTheOthersOnce() throws Exception {
    receivers.get(1).stop();
    assertThat(post("one")).isEqualTo(503);
    assertThat(post("one")).isEqualTo(503);
    receivers.get(1).start();
    receivers.get(1).answer(500);
    assertThat(post("one")).isEqualTo(503);
    receivers.get(1).answer(200);
    assertThat(post("one")).isEqualTo(200);
    assertThat(post("one")).as("an answer may have been lost").isEqualTo(200);
    assertThat(receivers)
        .allSatisfy(receiver -> assertThat(receiver.events()).containsExactly("one"));
  }

  @Test
  void theAnswerNamesWhoDoesNotHaveIt() throws Exception {
    receivers.get(2).answer(429);
    assertThat(send("one").body())
        .isEqualTo(receivers.get(2).url().replaceAll("\\?.*", "") + " answers 429");
  }

  @Test
  void tokensAreReadAnew() throws Exception {
    write(0, "token", "");
    assertThat(post("one")).isEqualTo(503);
    write(0, "token", "wrong");
    assertThat(post("one")).isEqualTo(503);
    write(0, "token", "token-0");
    assertThat(post("one")).isEqualTo(200);
    assertThat(receivers.getFirst().refused()).isEqualTo(1);
    assertThat(receivers)
        .allSatisfy(receiver -> assertThat(receiver.events()).containsExactly("one"));
  }

  @Test
  void certificatesAreVerified() throws Exception {
    write(0, "crt", receivers.get(1).authority());
    Files.delete(file(2, "crt"));
    forwarder.close();
    restart();
    assertThat(send("one"))
        .satisfies(answer -> {
          assertThat(answer.statusCode()).isEqualTo(503);
          assertThat(answer.body()).contains("PKIX");
        });
    assertThat(receivers.get(0).events()).isEmpty();
    assertThat(receivers.get(1).events()).containsExactly("one");
    assertThat(receivers.get(2).events()).isEmpty();
  }

  @Test
  void manyAtATimeAllArrive() throws Exception {
    // The server ends connections beyond 200 that nobody uses at the moment, and this client would
    // take them for open ones.
    try (var threads = Executors.newFixedThreadPool(100, Thread.ofVirtual().factory())) {
      var posts =
          IntStream.range(0, 500)
              .<Callable<HttpResponse<String>>>mapToObj(number -> () -> send("batch " + number))
              .toList();
      for (var post : threads.invokeAll(posts)) {
        assertThat(post.get())
            .extracting(HttpResponse::statusCode, HttpResponse::body)
            .containsExactly(200, "");
      }
    }
    assertThat(receivers)
        .allSatisfy(receiver -> assertThat(receiver.events()).hasSize(500).doesNotHaveDuplicates());
  }

  @Test
  void whatIsTooLargeIsNotTaken() throws Exception {
    assertThat(post("a".repeat((12 << 20) + 1))).isEqualTo(413);
    assertThat(post("a".repeat(12 << 20))).isEqualTo(200);
    assertThat(receivers).allSatisfy(receiver -> assertThat(receiver.events()).hasSize(1));
  }

  @Test
  void onlyEventsAreTaken() throws Exception {
    var get = HttpRequest.newBuilder(url()).build();
    assertThat(client.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(405);
    var chunked =
        HttpRequest.newBuilder(url())
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString("a")))
            .build();
    assertThat(client.send(chunked, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(411);
  }

  @Test
  void withoutReceiversItDoesNotStart(@TempDir Path empty) {
    assertThatThrownBy(() -> Targets.read(empty, settings().timeout()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("holds no target-0.url");
    assertThatThrownBy(() -> ForwarderSettings.from(List.of("--g=daemon off;")))
        .isInstanceOf(ConfigurationException.class);
  }

  private void restart() throws IOException {
    forwarder = Forwarder.start(settings(), Targets.read(directory, settings().timeout()));
  }

  private ForwarderSettings settings() {
    return ForwarderSettings.from(
        List.of("--targets=" + directory, "--port=0", "--timeout=5", "--buffer=12"));
  }

  private void write(int number, String extension, String text) throws IOException {
    Files.writeString(file(number, extension), text);
  }

  private Path file(int number, String extension) {
    return directory.resolve("target-%d.%s".formatted(number, extension));
  }

  private int post(String batch) throws IOException, InterruptedException {
    return send(batch).statusCode();
  }

  private HttpResponse<String> send(String batch) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(url()).POST(HttpRequest.BodyPublishers.ofString(batch)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private URI url() {
    return URI.create("http://127.0.0.1:%d/".formatted(forwarder.port()));
  }
}

package dev.hcp.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.process.TestPki;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The webhook as a process of its own: what it prints and how it ends. */
@Timeout(120)
class MainTest {
  private final List<Process> started = new ArrayList<>();
  private Path out;
  private Path err;

  @TempDir Path directory;

  @BeforeEach
  void files() {
    out = directory.resolve("out");
    err = directory.resolve("err");
  }

  @AfterEach
  void kill() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void refusedConfigurationIsOneLineAndStatusTwo() throws Exception {
    assertThat(end(start(Map.of("LOG_LEVEL", "loud")))).isEqualTo(2);
    assertThat(err)
        .hasContent("LOG_LEVEL: \"loud\" is not accepted; accepted: debug, info, warn, error");
    assertThat(out).isEmptyFile();
  }

  @Test
  void missingCertificateIsRefusedToo() throws Exception {
    assertThat(end(start(Map.of("WEBHOOK_CERT_DIR", directory.toString())))).isEqualTo(2);
    assertThat(Files.readAllLines(err))
        .singleElement()
        .asString()
        .startsWith("WEBHOOK_CERT_DIR: no usable tls.crt and tls.key in " + directory);
  }

  @Test
  void terminationIsOrderly() throws Exception {
    TestPki.generate("EC", 1).writeTo(directory);
    var process =
        start(
            Map.of(
                "WEBHOOK_CERT_DIR", directory.toString(),
                "WEBHOOK_PORT", freePort(),
                "METRICS_PORT", freePort(),
                "HEALTH_PORT", freePort()));
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.readString(out).contains("\"msg\":\"Serving admission\""));

    process.destroy();

    assertThat(end(process)).isEqualTo(128 + 15);
    assertThat(Files.readAllLines(out))
        .allSatisfy(line -> assertThat(line).startsWith("{\"time\":").endsWith("}"))
        .last()
        .asString()
        .contains("\"msg\":\"Shut down\"");
    assertThat(err).isEmptyFile();
  }

  private Process start(Map<String, String> environment) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    builder.environment().clear();
    builder.environment().putAll(environment);
    var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    started.add(process);
    return process;
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static String freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}

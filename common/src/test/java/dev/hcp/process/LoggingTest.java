package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class LoggingTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream originalOut = System.out;
  private final PrintStream originalErr = System.err;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    MDC.clear();
    System.setOut(originalOut);
    System.setErr(originalErr);
    Logging.configure(new LogSettings(LogFormat.TEXT, LogLevel.WARN));
  }

  @Test
  void jsonRecordIsFlatWithMdcAndPairs() {
    Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
    MDC.put("namespace", "team \"a\"");
    MDC.put("level", "mine");
    LoggerFactory.getLogger("dev.hcp.X")
        .atInfo()
        .addKeyValue("replicas", 3)
        .addKeyValue("ready", true)
        .addKeyValue("nothing", (Object) null)
        .log("line one\nline {} \u0001 \uD800 é", "two");

    var line = onlyLine(out);
    assertThat(line)
        .startsWith("{\"time\":\"20")
        .contains("\"replicas\":3", "\"ready\":true", "\\u0001", "\\ud800");
    assertThat(json(line))
        .containsEntry("level", "INFO")
        .containsEntry("level_", "mine")
        .containsEntry("msg", "line one\nline two \u0001 \uD800 é")
        .containsEntry("logger", "dev.hcp.X")
        .containsEntry("namespace", "team \"a\"")
        .containsEntry("nothing", "null");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void stackTraceIsOneField() {
    Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
    LoggerFactory.getLogger("x")
        .error("failed", new IllegalStateException("outer", new RuntimeException("inner")));

    var line = onlyLine(err);
    assertThat(json(line).get("stack").toString())
        .contains("IllegalStateException: outer", "Caused by: java.lang.RuntimeException: inner");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void textRecordIsOneLine() {
    Logging.configure(new LogSettings(LogFormat.TEXT, LogLevel.INFO));
    MDC.put("name", "one");
    LoggerFactory.getLogger("dev.hcp.process.X").atWarn().addKeyValue("a", 1).log("b\nforged");

    assertThat(onlyLine(out)).matches("20\\S+Z WARN  X b forged a=\"1\" name=one");
  }

  @Test
  void debugIsForOurCodeOnly() {
    Logging.configure(new LogSettings(LogFormat.TEXT, LogLevel.DEBUG));
    LoggerFactory.getLogger("dev.hcp.X").debug("ours");
    LoggerFactory.getLogger("org.example").debug("theirs");
    LoggerFactory.getLogger("io.netty.X").info("noise");

    assertThat(onlyLine(out)).endsWith("ours  ");
  }

  @Test
  void levelErrorSilencesEverythingBelow() {
    Logging.configure(new LogSettings(LogFormat.TEXT, LogLevel.ERROR));
    for (var name : List.of("dev.hcp.X", "org.example", "io.netty.X")) {
      LoggerFactory.getLogger(name).warn("no");
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void javaUtilLoggingIsBridged() {
    Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
    java.util.logging.Logger.getLogger("com.example").warning("bridged");

    assertThat(json(onlyLine(out))).containsEntry("msg", "bridged").containsEntry("level", "WARN");
  }

  private static String onlyLine(ByteArrayOutputStream stream) {
    var lines = stream.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(1);
    return lines.getFirst();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String line) {
    return new KubernetesSerialization().unmarshal(line, Map.class);
  }
}

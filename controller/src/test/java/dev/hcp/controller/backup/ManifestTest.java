package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
  private static final Manifest MANIFEST =
      new Manifest(
          1,
          "clusters",
          "demo",
          "2026-08-21T02:30:11Z",
          "clusters/demo/20260821T023011Z-3f9a2c1b.etcd",
          20_500_512,
          "ab",
          new Manifest.Snapshot(
              20_500_512, "ab", "3.6.8", 183_742, "6b1d4c0a7e3f2b91", "demo-etcd-1", 4_711L),
          new Manifest.Encryption("AES", "9c3e"),
          183_742,
          "before the upgrade",
          "0b54e61a-1c1e-4f0c-8a58-111111111111",
          "2026-09-20T02:30:11Z");

  @Test
  void isJson() {
    assertThat(new String(MANIFEST.toJson(), StandardCharsets.UTF_8))
        .startsWith("{")
        .contains(
            "\"format\":1",
            "\"namespace\":\"clusters\"",
            "\"time\":\"2026-08-21T02:30:11Z\"",
            "\"size\":20500512",
            "\"etcdVersion\":\"3.6.8\"",
            "\"keyId\":\"9c3e\"",
            "\"request\":\"before the upgrade\"",
            "\"finalOf\":\"0b54e61a-1c1e-4f0c-8a58-111111111111\"");
    assertThat(Manifest.parse(MANIFEST.toJson())).contains(MANIFEST);
  }

  @Test
  void knowsWhenItsLockIsOver() {
    assertThat(MANIFEST.isLocked(Instant.parse("2026-09-20T02:30:10Z"))).isTrue();
    assertThat(MANIFEST.isLocked(Instant.parse("2026-09-20T02:30:11Z"))).isFalse();
    var json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    assertThat(parse(json.replace("2026-09-20T02:30:11Z", "tomorrow")))
        .hasValueSatisfying(manifest -> assertThat(manifest.isLocked(Instant.EPOCH)).isFalse());
  }

  @Test
  void oneThatWasWrittenBeforeKeysWereCountedIsRead() {
    var json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    assertThat(json).contains(",\"keys\":4711");
    assertThat(parse(json.replace(",\"keys\":4711", "")))
        .hasValueSatisfying(manifest -> assertThat(manifest.snapshot().keys()).isNull());
  }

  @Test
  void whatALaterVersionAddsDoesNotMatter() {
    var json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    assertThat(parse(json.replaceFirst("\\{", "{\"new\":{\"a\":1},"))).contains(MANIFEST);
    assertThat(parse(json.replace("\"format\":1", "\"format\":2"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\0", "null", "42", "[]", "{}", "{\"format\":1}", "{\"format\":1,", "a: b"})
  void anythingElseIsNone(String text) {
    assertThat(parse(text)).isEmpty();
  }

  @Test
  void partOfOneIsNone() {
    var json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    for (int length = 0; length < json.length(); length++) {
      assertThat(parse(json.substring(0, length))).isEmpty();
    }
  }

  private static Optional<Manifest> parse(String text) {
    return Manifest.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}

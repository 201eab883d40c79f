package dev.hcp.e2e.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.flags.FlagTable;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FlagFileTest {
  private static final FlagFile TABLE =
      FlagFile.parse("")
          .with("v1.9.4", Map.of("a", "bool", "b", "string", "c", "int"))
          .with("v1.11.0", Map.of("a", "bool", "b", "stringSlice"))
          .with("v1.10.1", Map.of("a", "bool", "b", "string"));

  @Test
  void releasesAreNamedWhereNotAllHaveAFlag() {
    assertThat(TABLE.text("program").lines().skip(2))
        .containsExactly(
            "versions v1.9.4 v1.10.1 v1.11.0",
            "a bool",
            "b string v1.9-v1.10",
            "b stringSlice v1.11",
            "c int v1.9");
  }

  @Test
  void whatWasWrittenIsReadAgain() {
    assertThat(FlagFile.parse(TABLE.text("program"))).isEqualTo(TABLE);
  }

  @Test
  void aVersionTakesThePlaceOfAnotherOfItsRelease() {
    assertThat(
            TABLE.with("v1.9.7", Map.of("a", "bool", "d", "int")).text("program").lines().skip(2))
        .containsExactly(
            "versions v1.9.7 v1.10.1 v1.11.0",
            "a bool",
            "b string v1.10",
            "b stringSlice v1.11",
            "d int v1.9");
  }

  @Test
  void whatAListConsistsOfStaysWithItsFlag() {
    var gates =
        FlagFile.parse("")
            .with(
                "v1.9.4",
                Map.of("gates", "mapStringBool", "gates=A", "beta/on", "gates=B", "alpha/off"))
            .with("v1.10.1", Map.of("gates", "mapStringBool", "gates=A", "ga/on/locked"));
    assertThat(gates.text("program").lines().skip(3))
        .containsExactly(
            "gates mapStringBool",
            "gates=A beta/on v1.9",
            "gates=A ga/on/locked v1.10",
            "gates=B alpha/off v1.9");
    assertThat(FlagFile.parse(gates.text("program"))).isEqualTo(gates);
  }

  @Test
  void admissionReadsWhatIsWritten() {
    var read = FlagTable.parse(TABLE.text("program"));
    assertThat(read.versions()).isEqualTo(TABLE.versions());
    assertThat(read.type("b", "v1.10")).contains("string");
    assertThat(read.type("b", "v1.11")).contains("stringSlice");
    assertThat(read.releasesWith("c")).containsExactly("v1.9");
  }
}

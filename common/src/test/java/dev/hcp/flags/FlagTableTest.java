package dev.hcp.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FlagTableTest {
  /** Not read yet: flags of these releases are not checked. */
  private static final Set<String> UNREAD =
      Set.of("konnectivity-agent v0.33", "konnectivity-server v0.33");

  private static final FlagTable TABLE =
      FlagTable.parse(
          """
          # A comment
          versions v1.34.4 v1.35.4 v1.36.3 v1.37.2
          always bool
          gone int v1.34-v1.35
          here-and-there string v1.34,v1.36-v1.37
          changed string v1.34-v1.36
          changed stringSlice v1.37
          gates mapStringBool
          gates=Alpha alpha/off/needs:Beta,Gamma v1.36-v1.37
          gates=Beta beta/on v1.34-v1.36
          gates=Beta ga/on/locked v1.37
          """);

  @Test
  void rangesAreOfTheReleasesThatWereRead() {
    assertThat(TABLE.releases()).containsExactly("v1.34", "v1.35", "v1.36", "v1.37");
    assertThat(TABLE.releasesWith("always")).hasSize(4);
    assertThat(TABLE.releasesWith("gone")).containsExactly("v1.34", "v1.35");
    assertThat(TABLE.releasesWith("here-and-there")).containsExactly("v1.34", "v1.36", "v1.37");
    assertThat(TABLE.releasesWith("unknown")).isEmpty();
    assertThat(TABLE.type("changed", "v1.36")).contains("string");
    assertThat(TABLE.type("changed", "v1.37")).contains("stringSlice");
    assertThat(TABLE.type("gone", "v1.36")).isEmpty();
    assertThat(TABLE.names(List.of("v1.35"))).containsExactly("always", "changed", "gates", "gone");
  }

  @Test
  void entriesOfAListAreNoFlags() {
    assertThat(TABLE.entries("gates", TABLE.releases())).containsExactly("Alpha", "Beta");
    assertThat(TABLE.entries("gates", List.of("v1.35"))).containsExactly("Beta");
    assertThat(TABLE.entries("gone", TABLE.releases())).isEmpty();
    assertThat(TABLE.gate("gates", "Beta", "v1.36"))
        .contains(new Gate("beta", true, false, List.of()));
    assertThat(TABLE.gate("gates", "Beta", "v1.37"))
        .contains(new Gate("ga", true, true, List.of()));
    assertThat(TABLE.gate("gates", "Alpha", "v1.37"))
        .contains(new Gate("alpha", false, false, List.of("Beta", "Gamma")));
    assertThat(TABLE.gate("gates", "Alpha", "v1.35")).isEmpty();
    assertThat(TABLE.releasesWith(FlagTable.entry("gates", "Alpha")))
        .containsExactly("v1.36", "v1.37");
  }

  @Test
  void aTableThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> FlagTable.parse("versions v1.34.4\nlonely"))
        .hasMessage("not a flag with its type and releases: lonely");
    assertThatThrownBy(() -> FlagTable.parse("versions v1.34.4\na bool v1.35"))
        .hasMessage("v1.35 is not a range of v1.34");
  }

  @Test
  void aReleaseIsThatOfAnyFormOfVersion() {
    assertThat(FlagTable.release("v1.36.3")).isEqualTo("v1.36");
    assertThat(FlagTable.release("3.6.8-0")).isEqualTo("v3.6");
    assertThatThrownBy(() -> FlagTable.release("latest")).hasMessage("not a version: latest");
  }

  /** A new row of the table of versions needs "e2e/bed flags", or a line above. */
  @Test
  void everyReleaseThatIsHostedWasReadOrIsKnownNotToBe() {
    var unread = new TreeSet<String>();
    IntStream.range(0, 100)
        .mapToObj(minor -> KubernetesVersion.parse("v1." + minor))
        .flatMap(version -> VersionTable.find(version).stream())
        .forEach(components -> {
          for (var program : Program.values()) {
            var release = program.release(components);
            if (!FlagTable.of(program).releases().contains(release)) {
              unread.add("%s %s".formatted(program.title(), release));
            }
          }
        });
    assertThat(unread).containsExactlyInAnyOrderElementsOf(UNREAD);
  }

  @Test
  void listsOfEveryReleaseWereRead() {
    var unread = new TreeSet<String>();
    for (var program : Program.values()) {
      var table = FlagTable.of(program);
      for (var flag :
          List.of("disable-admission-plugins", "enable-admission-plugins", "feature-gates")) {
        table.releasesWith(flag).stream()
            .filter(release -> table.entries(flag, List.of(release)).isEmpty())
            .forEach(release -> unread.add("%s %s".formatted(program.title(), release)));
      }
    }
    assertThat(unread).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everyGateInATableCanBeRead(Program program) {
    var table = FlagTable.of(program);
    for (var release : table.releases()) {
      var gates = table.entries("feature-gates", List.of(release));
      assertThat(gates)
          .allSatisfy(gate ->
              assertThat(table.gate("feature-gates", gate, release).orElseThrow().needs())
                  .as("%s %s %s", program.title(), release, gate)
                  .isSubsetOf(gates));
    }
  }

  @ParameterizedTest
  @EnumSource
  void rulingsAreAboutFlagsThatThereAre(Program program) {
    var table = FlagTable.of(program);
    assertThat(table.names(table.releases())).containsAll(Rulings.of(program).keySet());
    Rulings.of(program)
        .forEach((flag, ruling) -> {
          var entries = table.entries(flag, table.releases());
          if (ruling instanceof Ruling.Names(var always, var never)) {
            assertThat(entries).containsAll(always).containsAll(never.keySet());
          } else if (ruling instanceof Ruling.Gates(var on)) {
            assertThat(entries).containsAll(on.keySet());
          }
        });
  }

  @Test
  void spellingsThatAProgramTakesAreTheSameFlag() {
    assertThat(Program.KUBE_APISERVER.canonical("tls_cert_file")).isEqualTo("tls-cert-file");
    assertThat(Program.ETCD.canonical("data_dir")).isEqualTo("data_dir");
  }
}

package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Container;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
  private static final Map<String, String> OWNED = Map.of("tls-cert-file", "/a", "b", "1");

  private static Container with(Map<String, String> args) {
    return new Container(null, null, args, null, null, null);
  }

  @Test
  void flagsAreSortedByName() {
    assertThat(Arguments.of(with(Map.of("z", "1", "a", "2", "c.d", "")), OWNED))
        .containsExactly("--a=2", "--b=1", "--c.d=", "--tls-cert-file=/a", "--z=1");
  }

  @Test
  void withoutSettingsThereAreTheOwnedFlagsOnly() {
    assertThat(Arguments.of(null, OWNED)).containsExactly("--b=1", "--tls-cert-file=/a");
    assertThat(Arguments.of(new Container(null, null, null, null, null, null), OWNED)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls-cert-file", "tls_cert_file", "tls-cert_file"})
  void ownedFlagsCannotBeReplacedInAnySpelling(String flag) {
    assertThat(Arguments.of(with(Map.of(flag, "/evil")), OWNED))
        .containsExactly("--b=1", "--tls-cert-file=/a");
  }

  /** They may have been stored before admission refused them. */
  @ParameterizedTest
  @EnumSource
  void whatIsRefusedOrFixedIsDropped(Program program) {
    var stored = new HashMap<String, String>();
    Rulings.of(program)
        .forEach((flag, ruling) -> {
          switch (ruling) {
            case Ruling.Ignored _, Ruling.Fixed _, Ruling.Refused _ -> {
              stored.put(flag, "evil");
              stored.put(flag.replace('-', '_'), "evil");
            }
            case Ruling.Kept _, Ruling.Names _, Ruling.Gates _ -> {}
          }
        });
    assertThat(stored).isNotEmpty();
    assertThat(Arguments.of(program, with(stored), OWNED))
        .containsExactly("--b=1", "--tls-cert-file=/a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oidc-issuer-url",
        "etcd-servers",
        "audit_log_path",
        "anonymous-auth",
        "authorization-config",
        "token-auth-file",
        "audit-webhook-truncate-enabled"
      })
  void aStoredFlagOfTheApiServerIsDropped(String flag) {
    assertThat(Arguments.of(Program.KUBE_APISERVER, with(Map.of(flag, "evil")), OWNED))
        .containsExactly("--b=1", "--tls-cert-file=/a");
  }

  @Test
  void gatesOfTheUserAreAddedToThoseOfTheController() {
    var owned = Map.of("feature-gates", "CompactHashCheck=true");
    assertThat(Arguments.of(Program.ETCD, null, owned))
        .containsExactly("--feature-gates=CompactHashCheck=true");
    assertThat(
            Arguments.of(
                Program.ETCD,
                with(
                    Map.of(
                        "feature-gates",
                        "LeaseCheckpoint=true,CompactHashCheck=false,CompactHashCheck=true")),
                owned))
        .containsExactly("--feature-gates=CompactHashCheck=true,LeaseCheckpoint=true");
  }

  /** Without it, what is encrypted in etcd could not be read any more. */
  @Test
  void aStoredFlagOnWhichDataDependIsKept() {
    assertThat(
            Arguments.of(
                Program.KUBE_APISERVER,
                with(Map.of("encryption-provider-config", "/extra/keys.yaml")),
                Map.of()))
        .containsExactly("--encryption-provider-config=/extra/keys.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|NodeRestriction",
        "NodeRestriction|NodeRestriction",
        "EventRateLimit,AlwaysPullImages|NodeRestriction,EventRateLimit,AlwaysPullImages",
        "'EventRateLimit, NodeRestriction,'|NodeRestriction,EventRateLimit"
      })
  void thePluginThatProtectsNodesIsAlwaysAmongThem(String users, String rendered) {
    for (var flag : List.of("enable-admission-plugins", "enable_admission_plugins")) {
      assertThat(
              Arguments.of(
                  Program.KUBE_APISERVER,
                  with(Map.of(flag, users)),
                  Map.of("enable-admission-plugins", "NodeRestriction")))
          .containsExactly("--enable-admission-plugins=" + rendered);
    }
  }

  @Test
  void thePluginThatProtectsNodesIsNeverSwitchedOff() {
    assertThat(
            Arguments.of(
                Program.KUBE_APISERVER,
                with(
                    Map.of(
                        "disable-admission-plugins",
                        "DefaultStorageClass,NodeRestriction",
                        "disable_admission_plugins",
                        "NodeRestriction")),
                Map.of()))
        .containsExactly("--disable-admission-plugins=DefaultStorageClass");
  }

  @Test
  void whatWouldBreakTheClusterIsLeftOutOfAStoredList() {
    assertThat(
            Arguments.of(
                Program.KUBE_APISERVER,
                with(
                    Map.of(
                        "enable-admission-plugins",
                        "AlwaysDeny,AlwaysPullImages",
                        "disable-admission-plugins",
                        "ServiceAccount",
                        "feature_gates",
                        "WatchList=false,kube:StructuredAuthenticationConfiguration=0")),
                Map.of("enable-admission-plugins", "NodeRestriction")))
        .containsExactly(
            "--enable-admission-plugins=NodeRestriction,AlwaysPullImages",
            "--feature_gates=WatchList=false");
  }
}

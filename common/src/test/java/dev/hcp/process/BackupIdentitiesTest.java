package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nobody gets to more than what is named. */
class BackupIdentitiesTest {
  private static final String ROLE = "arn:aws:iam::123456789012:role/backups";
  private static final Optional<String> AWS = Optional.empty();
  private static final Optional<String> OWN = Optional.of("https://s3.example.com");

  private static BackupIdentities of(String text) {
    return BackupIdentities.from(Environment.of(Map.of("BACKUP_IDENTITIES", text)));
  }

  @Test
  void byDefaultNobodyMayUseAnything() {
    var none = BackupIdentities.from(Environment.of(Map.of()));
    assertThat(none).isEqualTo(BackupIdentities.NONE);
    assertThat(none.permit("a", BackupIdentities.CONTROLLER, AWS, "bucket")).isFalse();
    assertThat(none.permit("a", ROLE, AWS, "bucket")).isFalse();
  }

  @Test
  void everyPartOfARuleHasToFit() {
    var some = of("a=" + ROLE + "@bucket");
    assertThat(some.permit("a", ROLE, AWS, "bucket")).isTrue();
    assertThat(some.permit("b", ROLE, AWS, "bucket")).isFalse();
    assertThat(some.permit("a", ROLE + "2", AWS, "bucket")).isFalse();
    assertThat(some.permit("a", BackupIdentities.CONTROLLER, AWS, "bucket")).isFalse();
    assertThat(some.permit("a", ROLE, OWN, "bucket")).isFalse();
    assertThat(some.permit("a", ROLE, AWS, "bucket2")).isFalse();
  }

  @Test
  void rulesAddUp() {
    var some = of(" *=controller@https://s3.example.com/shared\n b=controller@own ,");
    assertThat(some.rules()).hasSize(2);
    assertThat(some.permit("a", BackupIdentities.CONTROLLER, OWN, "shared")).isTrue();
    assertThat(some.permit("a", BackupIdentities.CONTROLLER, AWS, "shared")).isFalse();
    assertThat(some.permit("a", BackupIdentities.CONTROLLER, AWS, "own")).isFalse();
    assertThat(some.permit("b", BackupIdentities.CONTROLLER, AWS, "own")).isTrue();
  }

  @Test
  void commasInNamesOfRolesDoNotEndARule() {
    var role = ROLE + ",of-team-a";
    var some = of("a=%s@bucket,b=controller@own, *=%s@shared,".formatted(role, role));
    assertThat(some.rules()).hasSize(3);
    assertThat(some.permit("a", role, AWS, "bucket")).isTrue();
    assertThat(some.permit("b", BackupIdentities.CONTROLLER, AWS, "own")).isTrue();
    assertThat(some.permit("c", role, AWS, "shared")).isTrue();
  }

  @Test
  void aTokenFileThatCannotBeOneIsRefused() {
    var environment = Environment.of(Map.of("AWS_WEB_IDENTITY_TOKEN_FILE", "a\0b"));
    assertThatThrownBy(() -> BackupIdentities.from(environment))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "AWS_WEB_IDENTITY_TOKEN_FILE: \"a?b\" is not accepted; accepted: the path of a file");
  }
}

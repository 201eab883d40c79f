package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.controller.plan.StoreCredentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreSecretTest {
  private static final EtcdBackupSecret DEFAULTS =
      new EtcdBackupSecret("s3", null, null, null, null, null, null, null);

  private final Map<String, String> values =
      new HashMap<>(
          Map.of(
              "accessKeyID", " id\n",
              "secretAccessKey", "secret\n",
              "region", "eu-central-1\n",
              "bucket", "backups\n"));

  @Test
  void withoutHostItIsAws() {
    var access = read(DEFAULTS).access().orElseThrow();
    assertThat(access.endpoint()).isEmpty();
    assertThat(access.region()).isEqualTo("eu-central-1");
    assertThat(access.bucket()).isEqualTo("backups");
    assertThat(access.prefix()).isEmpty();
    assertThat(access.credentials()).isEqualTo(new StoreCredentials.AccessKey("id", "secret"));
    assertThat(access.toString()).doesNotContain("secret");
    assertThat(access.credentials().toString()).doesNotContain("secret");
    assertThat(access.authority()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "s3.example.com, https://s3.example.com",
    "s3.example.com:9000, https://s3.example.com:9000",
    "https://s3.example.com/, https://s3.example.com",
    "http://s3.example.com:80, http://s3.example.com:80",
    "192.0.2.7:9000, https://192.0.2.7:9000",
    "[2001:db8::7]:9000, https://[2001:db8::7]:9000"
  })
  void aHostMayHavePortAndScheme(String host, String endpoint) {
    values.put("host", host + "\n");
    values.remove("region");
    var access = read(DEFAULTS).access().orElseThrow();
    assertThat(access.endpoint()).contains(endpoint);
    assertThat(access.region()).isEqualTo("us-east-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://s3.example.com",
        "s3.example.com/bucket",
        "user@s3.example.com",
        "s3 example",
        "https://",
        "s3.example.com?x=y"
      })
  void aHostThatIsNoneIsSaid(String host) {
    values.put("host", host);
    assertThat(read(DEFAULTS).access()).isEmpty();
    assertThat(read(DEFAULTS).problems())
        .containsExactly(
            "Secret s3, key host: \"%s\" is not a host name, for example s3.example.com, s3.example.com:9000 or http://s3.example.com"
                .formatted(host));
  }

  @ParameterizedTest
  @CsvSource({
    "backups/production, backups, production",
    "backups/, backups, ''",
    "backups//a//b/, backups, a/b"
  })
  void aBucketMayHaveAPrefix(String value, String bucket, String prefix) {
    values.put("bucket", value);
    var access = read(DEFAULTS).access().orElseThrow();
    assertThat(access.bucket()).isEqualTo(bucket);
    assertThat(access.prefix()).isEqualTo(prefix);
  }

  @Test
  void everythingThatIsMissingIsSaidAtOnce() {
    values.clear();
    values.put("bucket", "/production");
    assertThat(read(DEFAULTS).problems())
        .containsExactly(
            "Secret s3 has no key accessKeyID",
            "Secret s3 has no key secretAccessKey",
            "Secret s3 has no key region",
            "Secret s3, key bucket: \"/production\" is not the name of a bucket, for example backups or backups/production");
    values.put("bucket", "a");
    assertThat(read(DEFAULTS).problems())
        .contains(
            "Secret s3, key bucket: \"a\" is not the name of a bucket, for example backups or backups/production");
  }

  @Test
  void keysCanHaveOtherNames() {
    values.clear();
    values.putAll(
        Map.of("i", "id", "k", "secret", "h", "host", "r", "here", "b", "bucket/x", "c", "pem"));
    var access =
        read(new EtcdBackupSecret("s3", "other", "i", "k", "h", "r", "b", "c"))
            .access()
            .orElseThrow();
    assertThat(access.place()).isEqualTo("https://host/bucket/x");
    assertThat(access.region()).isEqualTo("here");
    assertThat(access.authority()).contains("pem");
  }

  @Test
  void secretsDoNotGetIntoLogs() {
    assertThat(read(DEFAULTS).toString()).doesNotContain("secret").contains("backups");
  }

  private StoreSecret read(EtcdBackupSecret settings) {
    return StoreSecret.read(settings, secret());
  }

  private Secret secret() {
    var builder = new SecretBuilder().withNewMetadata().withName("s3").endMetadata();
    values.forEach((key, value) ->
        builder.addToData(
            key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return builder.build();
  }
}

package dev.hcp.controller.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.store.StoreException.Kind;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.TokenServiceStandIn;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** As whom stores are asked. */
class S3StoresTest {
  private static final String ROLE = "arn:aws:iam::123456789012:role/backups";
  private static final S3Store.Timing TIMING =
      new S3Store.Timing(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(120));

  @TempDir private Path folder;

  private final S3StandIn server = S3StandIn.plain();
  private final TokenServiceStandIn service = new TokenServiceStandIn();
  private final List<String> sessions = new CopyOnWriteArrayList<>();
  private Path token;

  @BeforeEach
  void writeToken() throws IOException {
    token = folder.resolve("token");
    Files.writeString(token, "first");
    server.fail((_, exchange) -> {
      sessions.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Security-Token")));
      return false;
    });
  }

  @AfterEach
  void stop() {
    server.close();
    service.close();
  }

  @Test
  void aRoleIsAssumedByTheTokenThatIsThereNow() throws Exception {
    var stores = stores(Optional.of(token), service.url());
    put(stores, webIdentity());
    assertThat(server.objects()).containsOnlyKeys("prefix/a");
    assertThat(sessions).isNotEmpty().containsOnly(TokenServiceStandIn.SESSION_TOKEN);
    assertThat(service.requests())
        .hasSize(1)
        .allSatisfy(request ->
            assertThat(request)
                .containsEntry("Action", "AssumeRoleWithWebIdentity")
                .containsEntry("RoleArn", ROLE)
                .containsEntry("RoleSessionName", "clusters.demo")
                .containsEntry("WebIdentityToken", "first"));
    // The kubelet replaces it long before it is no good any more.
    Files.writeString(token, "second");
    put(stores, webIdentity());
    assertThat(service.requests().getLast()).containsEntry("WebIdentityToken", "second");
  }

  @Test
  void aRoleThatMustNotBeAssumedIsNoFailureOfTheStore() {
    service.refuse("AccessDenied");
    var failure = failure(stores(Optional.of(token), service.url()), webIdentity());
    assertThat(failure.kind()).isEqualTo(Kind.NO_CREDENTIALS);
    assertThat(failure)
        .hasMessage(
            "the controller gets no credentials of role %s: (HTTP 400, AccessDenied, as told)"
                .formatted(ROLE));
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void withoutATokenOrAServiceNoRoleIsAssumed() throws Exception {
    var none = failure(stores(Optional.empty(), service.url()), webIdentity());
    assertThat(none.kind()).isEqualTo(Kind.NO_CREDENTIALS);
    assertThat(none)
        .hasMessageContaining("it has no token, AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    Files.delete(token);
    var missing = failure(stores(Optional.of(token), service.url()), webIdentity());
    assertThat(missing.kind()).isEqualTo(Kind.NO_CREDENTIALS);
    assertThat(missing).hasMessageContaining(token.toString());
    assertThat(service.requests()).isEmpty();
    Files.writeString(token, "again");
    service.close();
    var silent = failure(stores(Optional.of(token), service.url()), webIdentity());
    assertThat(silent.kind()).isEqualTo(Kind.NO_CREDENTIALS);
    assertThat(silent).hasMessageContaining("role " + ROLE);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void theControllerAsksAsItself() throws Exception {
    var stores =
        new S3Stores(
            TIMING,
            Optional.empty(),
            Optional.empty(),
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(S3StandIn.ACCESS_KEY_ID, "secret")));
    put(stores, new StoreCredentials.Controller());
    assertThat(server.objects()).containsOnlyKeys("prefix/a");
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void anAccessKeyNeedsNobodyElse() throws Exception {
    put(stores(Optional.empty(), service.url()), server.access().credentials());
    assertThat(server.objects()).containsOnlyKeys("prefix/a");
    assertThat(sessions).containsOnly("null");
    assertThat(service.requests()).isEmpty();
  }

  private static StoreCredentials webIdentity() {
    return new StoreCredentials.WebIdentity(ROLE, "clusters.demo");
  }

  private static S3Stores stores(Optional<Path> token, URI service) {
    return new S3Stores(
        TIMING,
        token,
        Optional.of(service),
        () -> {
          throw new IllegalStateException("nobody asked for that");
        });
  }

  private void put(S3Stores stores, StoreCredentials credentials) throws Exception {
    try (var store = stores.open(access(credentials))) {
      store.put("prefix/a", new byte[1]);
    }
  }

  private StoreException failure(S3Stores stores, StoreCredentials credentials) {
    return catchThrowableOfType(
        StoreException.class,
        () -> {
          try (var store = stores.open(access(credentials))) {
            store.put("prefix/a", new byte[1]);
          }
        });
  }

  private StoreAccess access(StoreCredentials credentials) {
    var access = server.access();
    return new StoreAccess(
        access.endpoint(),
        access.region(),
        access.bucket(),
        access.prefix(),
        credentials,
        access.authority());
  }
}

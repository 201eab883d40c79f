package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.store.StoreException.Kind;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * S3-compatible stores, with the identities that the process has. Who may use those is none of its
 * business.
 *
 * @param timing how long to wait for what
 * @param tokenFile token by which roles are assumed; read anew for each new session
 * @param tokenService URL of the service that gives credentials for it; empty for that of AWS in
 *     the region of the store
 * @param own credentials of the process itself
 */
public record S3Stores(
    S3Store.Timing timing,
    Optional<Path> tokenFile,
    Optional<URI> tokenService,
    AwsCredentialsProvider own)
    implements Stores {

  /** With what AWS gives the process, looked for when it is first needed. */
  public static S3Stores of(Optional<Path> tokenFile, Optional<URI> tokenService) {
    return new S3Stores(
        S3Store.Timing.DEFAULT,
        tokenFile,
        tokenService,
        DefaultCredentialsProvider.builder().build());
  }

  @Override
  public ObjectStore open(StoreAccess access) throws StoreException, InterruptedException {
    return switch (access.credentials()) {
      case StoreCredentials.AccessKey _ -> S3Store.open(access, timing);
      case StoreCredentials.Controller _ -> open(access, own, List.of());
      case StoreCredentials.WebIdentity wanted -> assuming(access, wanted);
    };
  }

  /** Sessions end; for a long backup there is a new one by itself. */
  private ObjectStore assuming(StoreAccess access, StoreCredentials.WebIdentity wanted)
      throws StoreException, InterruptedException {
    var file =
        tokenFile.orElseThrow(() ->
            new StoreException(
                Kind.NO_CREDENTIALS,
                ("the controller gets no credentials of %s: it has no token, AWS_WEB_IDENTITY_TOKEN_FILE"
                        + " is not set")
                    .formatted(wanted.describe()),
                null));
    // Never by the certificates or the address that a control plane names: the token is ours.
    var http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(timing.connect())
            .socketTimeout(timing.read())
            .build();
    var builder =
        StsClient.builder()
            .httpClient(http)
            .region(Region.of(access.region()))
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .overrideConfiguration(configuration ->
                configuration
                    .apiCallAttemptTimeout(timing.attempt())
                    .apiCallTimeout(timing.call())
                    .retryStrategy(RetryMode.STANDARD));
    tokenService.ifPresent(builder::endpointOverride);
    var service = builder.build();
    var session =
        StsWebIdentityTokenFileCredentialsProvider.builder()
            .stsClient(service)
            .roleArn(wanted.role())
            .roleSessionName(wanted.session())
            .webIdentityTokenFile(file)
            .build();
    var opened = List.<SdkAutoCloseable>of(session, service, http);
    try {
      return open(access, session, opened);
    } catch (StoreException | InterruptedException | RuntimeException e) {
      opened.forEach(SdkAutoCloseable::close);
      throw e;
    }
  }

  /**
   * Whether there are credentials is seen first: else it would look like a failure of the store.
   */
  private ObjectStore open(
      StoreAccess access, AwsCredentialsProvider credentials, List<SdkAutoCloseable> others)
      throws StoreException, InterruptedException {
    try {
      var _ = credentials.resolveCredentials();
    } catch (SdkException e) {
      throw Failures.ofIdentity(access.credentials(), e);
    } catch (UncheckedIOException e) {
      throw new StoreException(
          Kind.NO_CREDENTIALS,
          "the controller gets no credentials of %s: %s"
              .formatted(access.credentials().describe(), e.getMessage()),
          e);
    }
    return S3Store.open(access, timing, credentials, others);
  }
}

package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.store.StoreException.Kind;
import dev.hcp.process.Authorities;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * An S3-compatible store. Stores other than AWS are asked in the oldest forms that there are: the
 * bucket in the path, bodies in one piece, MD5 as checksum.
 */
public final class S3Store implements ObjectStore {
  private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);

  /** Bytes of a part, of which a store takes 10,000. */
  static final int PART_SIZE = 8 * 1024 * 1024;

  /**
   * How long to wait for what.
   *
   * @param connect for a connection
   * @param read for the next bytes of an answer
   * @param attempt for a whole request
   * @param call for all attempts of a request together
   */
  public record Timing(Duration connect, Duration read, Duration attempt, Duration call) {
    /** What suits a store far away on a slow line. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5));
  }

  private final StoreAccess access;
  private final SdkHttpClient http;
  private final S3Client client;
  private final List<SdkAutoCloseable> others;

  private S3Store(
      StoreAccess access, SdkHttpClient http, S3Client client, List<SdkAutoCloseable> others) {
    this.access = access;
    this.http = http;
    this.client = client;
    this.others = List.copyOf(others);
  }

  /**
   * Opens a store by an access key, without a request to it.
   *
   * @throws StoreException if address or certificates cannot be used
   * @throws IllegalArgumentException if it is to be asked as somebody else
   */
  public static S3Store open(StoreAccess access, Timing timing) throws StoreException {
    return switch (access.credentials()) {
      case StoreCredentials.AccessKey(var id, var secret) ->
          open(
              access,
              timing,
              StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)),
              List.of());
      default ->
          throw new IllegalArgumentException(
              "no access key, but %s".formatted(access.credentials().describe()));
    };
  }

  /**
   * Opens a store, without a request to it.
   *
   * @param credentials by which it is asked
   * @param others what is closed together with the store
   */
  static S3Store open(
      StoreAccess access,
      Timing timing,
      AwsCredentialsProvider credentials,
      List<SdkAutoCloseable> others)
      throws StoreException {
    var http = http(access, timing);
    try {
      var builder =
          S3Client.builder()
              .httpClient(http)
              .region(Region.of(access.region()))
              .credentialsProvider(credentials)
              .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
              .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
              .serviceConfiguration(configuration -> configuration.chunkedEncodingEnabled(false))
              .overrideConfiguration(configuration ->
                  configuration
                      .apiCallAttemptTimeout(timing.attempt())
                      .apiCallTimeout(timing.call())
                      .retryStrategy(RetryMode.STANDARD));
      access
          .endpoint()
          .ifPresent(
              endpoint -> builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true));
      return new S3Store(access, http, builder.build(), others);
    } catch (SdkException | IllegalArgumentException e) {
      http.close();
      throw new StoreException(
          Kind.OTHER,
          "the store %s cannot be used: %s".formatted(access.place(), e.getMessage()),
          e);
    }
  }

  private static SdkHttpClient http(StoreAccess access, Timing timing) throws StoreException {
    var builder =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(timing.connect())
            .socketTimeout(timing.read());
    if (access.authority().isPresent()) {
      var trusted = trusted(access.authority().get());
      builder.tlsTrustManagersProvider(() -> trusted);
    }
    return builder.build();
  }

  private static TrustManager[] trusted(String pem) throws StoreException {
    try {
      return Authorities.trustManagers(pem);
    } catch (GeneralSecurityException e) {
      throw new StoreException(
          Kind.TLS, "the CA certificates of the store cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public Upload upload(String name, Optional<Lock> lock)
      throws StoreException, InterruptedException {
    try {
      var id =
          ask(
              "beginning %s".formatted(name),
              () ->
                  client
                      .createMultipartUpload(request ->
                          request
                              .bucket(access.bucket())
                              .key(name)
                              .contentType("application/octet-stream")
                              .objectLockMode(lock.map(S3Store::mode).orElse(null))
                              .objectLockRetainUntilDate(lock.map(Lock::until).orElse(null)))
                      .uploadId());
      return new S3Upload(client, access, name, id);
    } catch (StoreException e) {
      if (e.kind().leavesOpen()) {
        dropUnheard(name);
      }
      throw e;
    }
  }

  /** Nobody else has an upload of that name, and nobody knows the identity of this one. */
  private void dropUnheard(String name) throws InterruptedException {
    try {
      dropUploads(name, Instant.MAX, Optional.of(S3Upload.DROP));
    } catch (StoreException e) {
      LOG.atWarn()
          .addKeyValue("store", access.place())
          .addKeyValue("object", name)
          .log(
              "Upload perhaps begun and not dropped, a later backup tries again: {}",
              e.getMessage());
    }
  }

  @Override
  public void put(String name, byte[] content, Optional<Lock> lock)
      throws StoreException, InterruptedException {
    try {
      putOnce(name, content, lock);
    } catch (StoreException e) {
      if (!e.kind().leavesOpen() || !isWritten(name, content)) {
        throw e;
      }
    }
  }

  private boolean isWritten(String name, byte[] content) throws InterruptedException {
    try {
      return get(name, content.length + 1)
          .filter(written -> Arrays.equals(written, content))
          .isPresent();
    } catch (StoreException e) {
      LOG.atWarn()
          .addKeyValue("store", access.place())
          .addKeyValue("object", name)
          .log("It is not known whether the object was written: {}", e.getMessage());
      return false;
    }
  }

  private void putOnce(String name, byte[] content, Optional<Lock> lock)
      throws StoreException, InterruptedException {
    var _ =
        ask(
            "writing %s".formatted(name),
            () ->
                client.putObject(
                    request ->
                        request
                            .bucket(access.bucket())
                            .key(name)
                            .contentType("application/json")
                            .objectLockMode(lock.map(S3Store::mode).orElse(null))
                            .objectLockRetainUntilDate(lock.map(Lock::until).orElse(null))
                            .contentMD5(Md5.of(content, content.length)),
                    RequestBody.fromBytes(content)));
  }

  @Override
  public void requireLocks() throws StoreException, InterruptedException {
    var task = "asking whether bucket %s has object lock".formatted(access.bucket());
    boolean enabled;
    try {
      var configuration =
          client
              .getObjectLockConfiguration(request -> request.bucket(access.bucket()))
              .objectLockConfiguration();
      enabled =
          configuration != null && configuration.objectLockEnabled() == ObjectLockEnabled.ENABLED;
    } catch (SdkException e) {
      if (!Failures.isWithoutLocks(e)) {
        throw Failures.of(access, task, e);
      }
      enabled = false;
    }
    if (!enabled) {
      throw new StoreException(
          Kind.NO_OBJECT_LOCK,
          ("bucket %s has no object lock, which spec.etcd.backup.objectLock needs: make a bucket with"
                  + " it, or leave objectLock out")
              .formatted(access.bucket()),
          null);
    }
  }

  @Override
  public Optional<Instant> lockedUntil(String name) throws StoreException, InterruptedException {
    try {
      return Optional.ofNullable(
              client
                  .getObjectRetention(request -> request.bucket(access.bucket()).key(name))
                  .retention())
          .map(ObjectLockRetention::retainUntilDate);
    } catch (SdkException e) {
      if (Failures.isWithoutLocks(e)) {
        return Optional.empty();
      }
      throw Failures.of(access, "asking until when %s is locked".formatted(name), e);
    }
  }

  private static ObjectLockMode mode(Lock lock) {
    return switch (lock.mode()) {
      case GOVERNANCE -> ObjectLockMode.GOVERNANCE;
      case COMPLIANCE -> ObjectLockMode.COMPLIANCE;
    };
  }

  @Override
  public Optional<byte[]> get(String name, int most) throws StoreException, InterruptedException {
    var task = "reading %s".formatted(name);
    try (var object = client.getObject(request -> request.bucket(access.bucket()).key(name))) {
      var content = object.readNBytes(most);
      // What is left would otherwise be read to the end.
      object.abort();
      return Optional.of(content);
    } catch (SdkException e) {
      if (Failures.isAbsence(e)) {
        return Optional.empty();
      }
      throw Failures.of(access, task, e);
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted: " + task);
      }
      throw new StoreException(Kind.CONNECTION_LOST, "%s: %s".formatted(task, e.getMessage()), e);
    }
  }

  @Override
  public Optional<InputStream> read(String name, long from)
      throws StoreException, InterruptedException {
    var task = "reading %s".formatted(name);
    try {
      var object =
          client.getObject(request ->
              request
                  .bucket(access.bucket())
                  .key(name)
                  .range(from == 0 ? null : "bytes=%d-".formatted(from)));
      return Optional.of(new S3Download(object, access, task));
    } catch (SdkException e) {
      if (Failures.isAbsence(e)) {
        return Optional.empty();
      }
      throw Failures.of(access, task, e);
    }
  }

  @Override
  public List<StoredObject> list(String prefix) throws StoreException, InterruptedException {
    return ask(
        "listing %s".formatted(prefix),
        () ->
            client
                .listObjectsV2Paginator(request -> request.bucket(access.bucket()).prefix(prefix))
                .contents()
                .stream()
                .map(object -> new StoredObject(object.key(), object.size()))
                .sorted(Comparator.comparing(StoredObject::name))
                .toList());
  }

  @Override
  public void delete(String name) throws StoreException, InterruptedException {
    var _ =
        ask(
            "deleting %s".formatted(name),
            () -> client.deleteObject(request -> request.bucket(access.bucket()).key(name)));
  }

  @Override
  public void dropUploads(String prefix, Instant before)
      throws StoreException, InterruptedException {
    dropUploads(prefix, before, Optional.empty());
  }

  /**
   * Drops objects in the making.
   *
   * @param longest how long each request may take; empty for as long as any
   */
  private void dropUploads(String prefix, Instant before, Optional<Duration> longest)
      throws StoreException, InterruptedException {
    var left =
        ask(
            "listing unfinished uploads of %s".formatted(prefix),
            () -> {
              var all = new ArrayList<MultipartUpload>();
              client
                  .listMultipartUploadsPaginator(request ->
                      request
                          .bucket(access.bucket())
                          .prefix(prefix)
                          .overrideConfiguration(
                              configuration -> longest.ifPresent(configuration::apiCallTimeout)))
                  .uploads()
                  .forEach(all::add);
              return all;
            });
    for (var upload : left) {
      if (upload.key().startsWith(prefix) && upload.initiated().isBefore(before)) {
        var _ =
            ask(
                "dropping the unfinished upload of %s".formatted(upload.key()),
                () ->
                    client.abortMultipartUpload(request ->
                        request
                            .bucket(access.bucket())
                            .key(upload.key())
                            .uploadId(upload.uploadId())
                            .overrideConfiguration(configuration ->
                                longest.ifPresent(configuration::apiCallTimeout))));
      }
    }
  }

  @Override
  public void close() {
    client.close();
    http.close();
    others.forEach(SdkAutoCloseable::close);
  }

  private <T> T ask(String task, Supplier<T> request) throws StoreException, InterruptedException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw Failures.of(access, task, e);
    }
  }
}

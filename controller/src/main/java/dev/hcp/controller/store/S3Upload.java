package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** A multipart upload, one part after the other. Not for several threads. */
final class S3Upload implements ObjectStore.Upload {
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

  /** A store that fails must not hold up the report of that. */
  static final Duration DROP = Duration.ofSeconds(20);

  private final S3Client client;
  private final StoreAccess access;
  private final String name;
  private final String id;
  private final List<CompletedPart> parts = new ArrayList<>();
  private final byte[] part = new byte[S3Store.PART_SIZE];
  private int filled;
  private long size;
  private boolean completed;

  S3Upload(S3Client client, StoreAccess access, String name, String id) {
    this.client = client;
    this.access = access;
    this.name = name;
    this.id = id;
  }

  @Override
  public void write(byte[] bytes, int offset, int length)
      throws StoreException, InterruptedException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (filled == part.length) {
        send();
      }
      int now = Math.min(left, part.length - filled);
      System.arraycopy(bytes, from, part, filled, now);
      filled += now;
      from += now;
      left -= now;
    }
  }

  @Override
  public void complete() throws StoreException, InterruptedException {
    // A store wants at least one part, even of nothing.
    if (filled > 0 || parts.isEmpty()) {
      send();
    }
    try {
      client.completeMultipartUpload(request ->
          request
              .bucket(access.bucket())
              .key(name)
              .uploadId(id)
              .multipartUpload(CompletedMultipartUpload.builder().parts(parts).build()));
    } catch (SdkException e) {
      var failure = Failures.of(access, "completing %s".formatted(name), e);
      // Who asks again because an answer was lost is told that there is no such upload any more.
      if (!(failure.kind().leavesOpen() || Failures.isAbsence(e)) || !isThere()) {
        throw failure;
      }
    }
    completed = true;
  }

  /** Whether there is an object of that name with all that was sent. */
  private boolean isThere() throws InterruptedException {
    try {
      return client
          .listObjectsV2(request ->
              request
                  .bucket(access.bucket())
                  .prefix(name)
                  .overrideConfiguration(configuration -> configuration.apiCallTimeout(DROP)))
          .contents()
          .stream()
          .anyMatch(object -> object.key().equals(name) && object.size() == size);
    } catch (SdkException e) {
      LOG.atWarn()
          .addKeyValue("store", access.place())
          .addKeyValue("object", name)
          .log(
              "It is not known whether the upload was completed: {}",
              Failures.of(access, "listing %s".formatted(name), e).getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    if (completed) {
      return;
    }
    // Whoever was interrupted shall clean up all the same.
    boolean interrupted = Thread.interrupted();
    try {
      client.abortMultipartUpload(request ->
          request
              .bucket(access.bucket())
              .key(name)
              .uploadId(id)
              .overrideConfiguration(configuration -> configuration.apiCallTimeout(DROP)));
    } catch (SdkException e) {
      LOG.atWarn()
          .addKeyValue("store", access.place())
          .addKeyValue("object", name)
          .log("Upload not dropped, a later backup tries again: {}", e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void send() throws StoreException, InterruptedException {
    int number = parts.size() + 1;
    int length = filled;
    var request =
        UploadPartRequest.builder()
            .bucket(access.bucket())
            .key(name)
            .uploadId(id)
            .partNumber(number)
            .contentLength((long) length)
            .contentMD5(Md5.of(part, length))
            .build();
    // Reads the buffer itself, again for each attempt.
    var body =
        RequestBody.fromContentProvider(
            () -> new ByteArrayInputStream(part, 0, length), length, "application/octet-stream");
    try {
      var sent = client.uploadPart(request, body);
      parts.add(CompletedPart.builder().partNumber(number).eTag(sent.eTag()).build());
    } catch (SdkException e) {
      throw Failures.of(access, "writing part %d of %s".formatted(number, name), e);
    }
    size += length;
    filled = 0;
  }
}

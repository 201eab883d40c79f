package dev.hcp.controller.plan;

import java.util.Optional;

/**
 * Where backups are kept, and by which credentials.
 *
 * @param endpoint URL of an S3-compatible store; empty for AWS
 * @param region its region
 * @param bucket the bucket
 * @param prefix what the names of all objects begin with, without a slash at its ends; may be empty
 * @param accessKeyId who asks
 * @param secretAccessKey what proves that
 * @param authority certificates by which the store is trusted, PEM; empty for the authorities that
 *     come with Java
 */
public record StoreAccess(
    Optional<String> endpoint,
    String region,
    String bucket,
    String prefix,
    String accessKeyId,
    String secretAccessKey,
    Optional<String> authority) {

  /** Where the store is, for people. */
  public String place() {
    return "%s/%s%s"
        .formatted(endpoint.orElse("s3://" + region), bucket, prefix.isEmpty() ? "" : "/" + prefix);
  }

  /** Without the secret, which must not get into a log. */
  @Override
  public String toString() {
    return "StoreAccess[%s]".formatted(place());
  }
}

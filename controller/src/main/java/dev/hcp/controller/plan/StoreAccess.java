package dev.hcp.controller.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where backups are kept, and by which credentials.
 *
 * @param endpoint URL of an S3-compatible store; empty for AWS
 * @param region its region
 * @param bucket the bucket
 * @param prefix what the names of all objects begin with, without a slash at its ends; may be empty
 * @param credentials as whom it is asked
 * @param authority certificates by which the store is trusted, PEM; empty for the authorities that
 *     come with Java
 */
public record StoreAccess(
    Optional<String> endpoint,
    String region,
    String bucket,
    String prefix,
    StoreCredentials credentials,
    Optional<String> authority) {

  private static final String OLDEST_REGION = "us-east-1";

  /** By an access key. */
  public StoreAccess(
      Optional<String> endpoint,
      String region,
      String bucket,
      String prefix,
      String accessKeyId,
      String secretAccessKey,
      Optional<String> authority) {
    this(
        endpoint,
        region,
        bucket,
        prefix,
        new StoreCredentials.AccessKey(accessKeyId, secretAccessKey),
        authority);
  }

  /**
   * URLs by which objects are asked for, without their names. AWS is asked by the name of the
   * bucket where that can be part of a host name, and in its oldest region also without that of the
   * region.
   */
  public List<String> urls() {
    if (endpoint.isPresent()) {
      return List.of(endpoint.get());
    }
    var domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    var hosts = new ArrayList<String>();
    hosts.add("s3.%s.%s".formatted(region, domain));
    if (region.equals(OLDEST_REGION)) {
      hosts.add("s3." + domain);
    }
    return hosts.stream()
        .flatMap(host -> Stream.of("https://" + host, "https://%s.%s".formatted(bucket, host)))
        .toList();
  }

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

package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * The Secret that says where snapshots go and with which credentials, and under which keys it says
 * so.
 *
 * @param name Name of the Secret.
 * @param namespace Namespace of the Secret. Default: that of the HostedControlPlane. In any other a
 *     ReferenceGrant of the Gateway API has to allow it.
 * @param accessKeyIDKey Key that holds the access key id, which is only needed where
 *     `credentials.source` is Secret. Default: `accessKeyID`.
 * @param secretAccessKeyKey Key that holds the secret access key. Default: `secretAccessKey`.
 * @param hostKey Key that holds the store's host name, optionally with `:port` after and `https://`
 *     or `http://` before it; without that key in the Secret the store is AWS. Default: `host`.
 * @param regionKey Key that holds the region. A store with a host needs none. Default: `region`.
 * @param bucketKey Key that holds the bucket, optionally followed by `/` and a prefix for all
 *     object names. Default: `bucket`.
 * @param certificateAuthorityKey Key that holds certificates by which the store is trusted, PEM;
 *     without that key in the Secret the authorities in the image count. Default: `ca.crt`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdBackupSecret(
    @Required String name,
    @Nullable String namespace,
    @Nullable String accessKeyIDKey,
    @Nullable String secretAccessKeyKey,
    @Nullable String hostKey,
    @Nullable String regionKey,
    @Nullable String bucketKey,
    @Nullable String certificateAuthorityKey) {

  /** Default of {@code accessKeyIDKey}. */
  public static final String ACCESS_KEY_ID = "accessKeyID";

  /** Default of {@code secretAccessKeyKey}. */
  public static final String SECRET_ACCESS_KEY = "secretAccessKey";

  /** Default of {@code hostKey}. */
  public static final String HOST = "host";

  /** Default of {@code regionKey}. */
  public static final String REGION = "region";

  /** Default of {@code bucketKey}. */
  public static final String BUCKET = "bucket";

  /** Default of {@code certificateAuthorityKey}. */
  public static final String CERTIFICATE_AUTHORITY = "ca.crt";
}

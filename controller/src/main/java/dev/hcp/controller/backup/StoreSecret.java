package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import io.fabric8.kubernetes.api.model.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a Secret says of a store.
 *
 * @param access where it is, and by which credentials; empty if the Secret cannot be used
 * @param problems why not, each in a sentence
 */
record StoreSecret(Optional<StoreAccess> access, List<String> problems) {
  /** What a store with a host of its own calls itself, unless somebody cares. */
  private static final String ANY_REGION = "us-east-1";

  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][-._A-Za-z0-9]{1,62}");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9]{0,62}");

  StoreSecret {
    problems = List.copyOf(problems);
  }

  /** Reads a Secret with an access key. Blanks and line ends around values do not count. */
  static StoreSecret read(EtcdBackupSecret settings, Secret secret) {
    return read(settings, secret, Optional.empty());
  }

  /**
   * Reads a Secret. Blanks and line ends around values do not count.
   *
   * @param identity as whom the store is asked; empty for the access key in the Secret
   */
  static StoreSecret read(
      EtcdBackupSecret settings, Secret secret, Optional<StoreCredentials> identity) {
    var values = new Values(secret);
    var credentials =
        identity.orElseGet(() ->
            new StoreCredentials.AccessKey(
                values.required(settings.accessKeyIDKey(), EtcdBackupSecret.ACCESS_KEY_ID),
                values.required(
                    settings.secretAccessKeyKey(), EtcdBackupSecret.SECRET_ACCESS_KEY)));
    var bucket = values.required(settings.bucketKey(), EtcdBackupSecret.BUCKET);
    var host = values.optional(settings.hostKey(), EtcdBackupSecret.HOST);
    var region =
        host.isPresent()
            ? values.optional(settings.regionKey(), EtcdBackupSecret.REGION).orElse(ANY_REGION)
            : values.required(settings.regionKey(), EtcdBackupSecret.REGION);
    var authority =
        values.optional(settings.certificateAuthorityKey(), EtcdBackupSecret.CERTIFICATE_AUTHORITY);

    var bucketAndPrefix = bucket.split("/", 2);
    values.check(
        settings.bucketKey(),
        EtcdBackupSecret.BUCKET,
        bucket,
        BUCKET.matcher(bucketAndPrefix[0]).matches(),
        "the name of a bucket, for example backups or backups/production");
    values.check(
        settings.regionKey(),
        EtcdBackupSecret.REGION,
        region,
        REGION.matcher(region).matches(),
        "the name of a region, for example eu-central-1");
    var endpoint = host.map(StoreSecret::url);
    endpoint.ifPresent(url ->
        values.check(
            settings.hostKey(),
            EtcdBackupSecret.HOST,
            host.orElse(""),
            isEndpoint(url),
            "a host name, for example s3.example.com, s3.example.com:9000 or http://s3.example.com"));
    if (!values.problems.isEmpty()) {
      return new StoreSecret(Optional.empty(), values.problems);
    }
    return new StoreSecret(
        Optional.of(
            new StoreAccess(
                endpoint,
                region,
                bucketAndPrefix[0],
                bucketAndPrefix.length == 1 ? "" : prefix(bucketAndPrefix[1]),
                credentials,
                authority)),
        List.of());
  }

  /** Without slashes at its ends, nor several of them in between: names would have empty parts. */
  private static String prefix(String text) {
    return Pattern.compile("/")
        .splitAsStream(text)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("/"));
  }

  private static String url(String host) {
    var url = host.contains("://") ? host : "https://" + host;
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static boolean isEndpoint(String url) {
    try {
      var uri = new URI(url);
      return uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getUserInfo() == null
          && "".equals(uri.getPath())
          && uri.getQuery() == null
          && uri.getFragment() == null;
    } catch (URISyntaxException _) {
      // Said by the caller.
      return false;
    }
  }

  /** The values of a Secret, and what was found wrong with them. */
  private static final class Values {
    private final String name;
    private final Map<String, String> data;
    private final List<String> problems = new ArrayList<>();

    Values(Secret secret) {
      this.name = secret.getMetadata().getName();
      this.data = Objects.requireNonNullElse(secret.getData(), Map.of());
    }

    Optional<String> optional(@Nullable String key, String defaultKey) {
      return Optional.ofNullable(data.get(Objects.requireNonNullElse(key, defaultKey)))
          .map(Values::decode)
          .filter(value -> !value.isEmpty());
    }

    String required(@Nullable String key, String defaultKey) {
      var value = optional(key, defaultKey);
      if (value.isEmpty()) {
        problems.add(
            "Secret %s has no key %s".formatted(name, Objects.requireNonNullElse(key, defaultKey)));
      }
      return value.orElse("");
    }

    /** Says what is wrong with a value, unless it is missing, which was said before. */
    void check(
        @Nullable String key, String defaultKey, String value, boolean right, String accepted) {
      if (!right && !value.isEmpty()) {
        problems.add(
            "Secret %s, key %s: \"%s\" is not %s"
                .formatted(name, Objects.requireNonNullElse(key, defaultKey), value, accepted));
      }
    }

    private static String decode(String value) {
      return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8).strip();
    }
  }
}

package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ImageSettings;
import dev.hcp.api.v1alpha1.ImageSpec;
import dev.hcp.model.Lists;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** References of images. With one that cannot be parsed, pods wait for ever. */
final class ImageRules {
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern REGISTRY = Pattern.compile(ImageSettings.REGISTRY);
  private static final Pattern REPOSITORY = Pattern.compile("%1$s(?:/%1$s)*".formatted(PART));

  /** A repository with the registry in front. */
  private static final Pattern WHOLE_REPOSITORY =
      Pattern.compile(
          "(?:[a-zA-Z0-9][-.a-zA-Z0-9]*(?::[0-9]{1,5})?/)?%1$s(?:/%1$s)*".formatted(PART));

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][-.A-Za-z0-9_]{0,127}");
  private static final Pattern DIGEST = Pattern.compile(ImageSpec.DIGEST);

  /** Longer names of repositories are refused by registries. */
  private static final int LONGEST = 255;

  private static final String REGISTRY_FORM =
      "must be a host with optional port and path and without scheme, for example"
          + " registry.example.com:5000/mirror";

  private ImageRules() {}

  static void check(Field field, ImageSpec image) {
    var registry = image.registry();
    boolean isWhole = registry != null && registry.isEmpty();
    check(field.at("registry"), isWhole ? null : registry, REGISTRY, REGISTRY_FORM + ", or empty");
    var repository = image.repository();
    check(
        field.at("repository"),
        repository,
        isWhole ? WHOLE_REPOSITORY : REPOSITORY,
        "must be a lower-case path without registry and tag, for example"
            + " kubernetes/kube-apiserver");
    field
        .at("tag")
        .require(
            image.tag() == null || TAG.matcher(image.tag()).matches(),
            image.tag(),
            "must be 1 to 128 letters, digits, '_', '.' or '-', not beginning with '.' or '-'");
    field
        .at("digest")
        .require(
            image.digest() == null || DIGEST.matcher(image.digest()).matches(),
            image.digest(),
            "must be sha256: and 64 lower-case hexadecimal digits");
  }

  static void check(Field field, ImageSettings images) {
    var registry = images.registry();
    check(field.at("registry"), registry, REGISTRY, REGISTRY_FORM);
    pullSecrets(field.at("pullSecrets"), images.pullSecrets());
  }

  private static void check(Field field, @Nullable String part, Pattern form, String accepted) {
    if (part != null && part.length() > LONGEST) {
      field.reject(part, "must be at most %d characters".formatted(LONGEST));
    } else {
      field.require(part == null || form.matcher(part).matches(), part, accepted);
    }
  }

  static void pullSecrets(Field field, @Nullable List<LocalObjectReference> secrets) {
    var names = new HashSet<String>();
    var all = Lists.orEmpty(secrets);
    for (int i = 0; i < all.size(); i++) {
      var name = Objects.requireNonNullElse(all.get(i).getName(), "");
      DnsNames.subdomain(field.index(i).at("name"), name);
      field
          .index(i)
          .at("name")
          .require(names.add(name), name, "must differ from the names of the other Secrets");
    }
  }
}

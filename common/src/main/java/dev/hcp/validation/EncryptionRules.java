package dev.hcp.validation;

import dev.hcp.api.v1alpha1.EncryptionAtRest;
import dev.hcp.api.v1alpha1.EncryptionProvider;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Resources that are encrypted: with a name that it does not accept, an API server would not start.
 * What it says is in {@code validation_encryption.go} of k8s.io/apiserver.
 */
final class EncryptionRules {
  private static final int MOST_RESOURCES = 100;
  private static final int LONGEST = 253;
  private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final Pattern RESOURCE = Pattern.compile("%1$s(\\.%1$s)*".formatted(LABEL));

  /** What API servers keep in etcd without an API. */
  private static final Set<String> WITHOUT_API =
      Set.of("apiserveripinfo", "serviceipallocations", "servicenodeportallocations");

  private EncryptionRules() {}

  static void check(Field field, EncryptionAtRest settings) {
    if (settings.provider() == EncryptionProvider.KMS && settings.kms() == null) {
      field.reject(null, EncryptionAtRest.NEEDS_KMS);
    }
    if (settings.kms() != null) {
      KmsRules.check(field.at("kms"), settings.kms());
    }
    var resources = settings.resources();
    if (resources == null) {
      return;
    }
    var list = field.at("resources");
    if (resources.size() > MOST_RESOURCES) {
      list.reject(resources.size(), "must be at most %d resources".formatted(MOST_RESOURCES));
      return;
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < resources.size(); i++) {
      var element = list.index(i);
      var resource = resources.get(i);
      if (resource.length() > LONGEST || !RESOURCE.matcher(resource).matches()) {
        element.reject(
            resource,
            "must be the plural name of a resource in lower case, with a dot and its API group unless that is the core group, such as configmaps or widgets.example.com");
        continue;
      }
      element.require(
          !WITHOUT_API.contains(resource), resource, "must be a resource that has an API");
      element.require(
          !resource.endsWith(".events.k8s.io"),
          resource,
          "must be events, without a group: that is how API servers store them");
      element.require(
          !resource.endsWith(".extensions"), resource, "must be of an API group that is served");
      element.require(seen.add(resource), resource, "must differ from the other resources");
    }
  }
}

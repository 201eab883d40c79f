package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.Rotation;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Requests to replace keys and CAs. */
final class RotationRules {
  private static final Pattern REQUEST = Pattern.compile(Rotation.REQUEST);
  private static final Pattern DURATION = Pattern.compile(Certificates.FORM);

  private RotationRules() {}

  static void check(Field field, Rotation rotation) {
    checkRequest(field.at("encryptionKey"), rotation.encryptionKey());
    checkRequest(field.at("serviceAccountKey"), rotation.serviceAccountKey());
    checkRequest(field.at("etcdCA"), rotation.etcdCA());
    checkRequest(field.at("frontProxyCA"), rotation.frontProxyCA());
    checkRequest(field.at("kubernetesCA"), rotation.kubernetesCA());
    var retention = rotation.serviceAccountKeyRetention();
    field
        .at("serviceAccountKeyRetention")
        .require(
            retention == null
                || (retention.length() <= Rotation.LONGEST_RETENTION
                    && DURATION.matcher(retention).matches()),
            retention,
            Rotation.ACCEPTED_RETENTION);
  }

  private static void checkRequest(Field field, @Nullable String request) {
    field.require(
        request == null
            || (request.length() <= Rotation.LONGEST && REQUEST.matcher(request).matches()),
        request,
        Rotation.ACCEPTED_REQUEST);
  }
}

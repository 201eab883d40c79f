package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;
import dev.hcp.gateway.ReferenceGrants;
import io.fabric8.kubernetes.api.model.Secret;

/** What is known of a Secret that a spec names, perhaps in another namespace. */
public sealed interface NamedSecret {
  /** It is there, and may be used. */
  record Usable(Secret secret) implements NamedSecret {}

  /** It might be used, and is not there. */
  record Missing() implements NamedSecret {}

  /** It must not be used, whether it is there or not. */
  record Unusable(Reason reason, String why) implements NamedSecret {}

  /** It has not been read yet. */
  record Unread(String name) implements NamedSecret {}

  /**
   * What is known of it.
   *
   * @param what what it is for, as a clause that follows its name: {@code which backups need}
   * @param use what would be done with it: {@code used for backups}
   */
  static NamedSecret read(Planning planning, ObjectReference reference, String what, String use) {
    var controlPlane = planning.controlPlane();
    var found = planning.observed().named().get(reference);
    if (found == null) {
      return new Unread(reference.name());
    }
    if (!ReferenceGrants.permit(
        controlPlane.namespace(),
        reference.namespace(),
        reference.name(),
        planning.observed().referenceGrants())) {
      return new Unusable(
          Reason.REFERENCE_NOT_PERMITTED,
          "no ReferenceGrant in namespace %s lets HostedControlPlanes of namespace %s refer to Secret %s, %s"
              .formatted(reference.namespace(), controlPlane.namespace(), reference.name(), what));
    }
    if (found.isEmpty()) {
      return new Missing();
    }
    return Protection.of(found.get(), controlPlane.names().cluster())
        .<NamedSecret>map(secretive ->
            new Unusable(
                Reason.INVALID_SPEC,
                "%s must not be %s: %s".formatted(reference.describe(), use, secretive)))
        .orElseGet(() -> new Usable((Secret) found.get()));
  }
}

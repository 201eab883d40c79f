package dev.hcp.webhook.admission;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.validation.FieldError;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.function.Function;

/**
 * What admission knows about one kind.
 *
 * @param <T> type of the kind's objects
 * @param kind the kind that these rules are for
 * @param type class of the kind's objects
 * @param creation everything that is wrong with a new object
 * @param update everything that is wrong with a changed object, or with the change
 * @param warnings what the user should know of an object though it is not wrong
 */
public record Rules<T extends HasMetadata>(
    String kind,
    Class<T> type,
    Function<T, List<FieldError>> creation,
    Update<T> update,
    Function<T, List<String>> warnings) {

  /** Rules for a change. */
  @FunctionalInterface
  public interface Update<T> {
    /**
     * Everything that is wrong.
     *
     * @param dryRun whether nothing is to be stored
     */
    List<FieldError> check(T old, T updated, boolean dryRun);
  }

  /** Those of both kinds. */
  public static List<Rules<?>> all() {
    return List.of(
        new Rules<>(
            HostedControlPlane.KIND,
            HostedControlPlane.class,
            Validator::create,
            (old, updated, _) -> Validator.update(old, updated),
            Validator::warnings),
        new Rules<>(
            HostedControlPlaneTemplate.KIND,
            HostedControlPlaneTemplate.class,
            Validator::create,
            Validator::update,
            Validator::warnings));
  }
}

package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * When pods are started anew though nothing else asks for it.
 *
 * @param after Time, for example `2026-12-24T02:00:00Z`. Once it has passed, the pods of API
 *     servers, controller-manager, scheduler and etcd that are older are started anew, once, as for
 *     any change. Pods that were started later stay; a later time does it again.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RolloutSettings(
    @Size(max = RolloutSettings.LONGEST)
        @ValidationRule(value = RolloutSettings.IS_TIME, message = RolloutSettings.ACCEPTED)
        @Nullable String after) {
  /** Longest text of a time. */
  public static final int LONGEST = 35;

  /** What a time looks like; which days a month has, the webhook knows. */
  public static final String FORM =
      "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
          + "([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

  /** What is accepted. */
  public static final String ACCEPTED =
      "must be a time as in RFC 3339, for example 2026-12-24T02:00:00Z";

  static final String IS_TIME = "self.matches(r'" + FORM + "')";
}

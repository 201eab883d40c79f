package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * What is restored, and where. Nothing of it can be changed, but a restoration can be cancelled.
 *
 * @param controlPlaneName Name of the HostedControlPlane whose etcd gets the data. If its etcd was
 *     not founded yet, it is not founded otherwise.
 * @param source Where the data come from. Default: the newest backup of the HostedControlPlane
 *     itself.
 * @param cancel Whether the restoration is given up. That is possible until API servers are started
 *     with the restored data; etcd goes on with the data that it had.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "self.controlPlaneName == oldSelf.controlPlaneName && has(self.source) =="
            + " has(oldSelf.source) && (!has(self.source) || self.source == oldSelf.source)",
    message = HostedControlPlaneRestoreSpec.FIXED)
@ValidationRule(
    value = "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)",
    message = HostedControlPlaneRestoreSpec.CANCELLED)
public record HostedControlPlaneRestoreSpec(
    @Required @Size(min = 1, max = 253) String controlPlaneName,
    @Nullable RestoreSource source,
    @Nullable Boolean cancel) {
  /** What is said to somebody who changes what is restored. */
  static final String FIXED =
      "controlPlaneName and source cannot be changed: create another HostedControlPlaneRestore";

  /** What is said to somebody who takes a cancellation back. */
  static final String CANCELLED =
      "cancel cannot be taken back: create another HostedControlPlaneRestore";
}

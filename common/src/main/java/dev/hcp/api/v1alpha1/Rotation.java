package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Keys and CAs that are replaced on request, and never otherwise. A request is a text that means
 * nothing by itself, such as the date: one that differs from the last one that was met asks for one
 * rotation. As long as the old key is the one that is used, the rotation can be called off by
 * taking the text back. The keys and CAs of a new control plane meet what is requested from the
 * beginning.
 *
 * @param encryptionKey Request for another key by which API servers encrypt what they store. All
 *     that is encrypted is written again. With a key management service, which replaces its key by
 *     itself, only that.
 * @param serviceAccountKey Request for another key by which tokens of service accounts are signed.
 * @param serviceAccountKeyRetention How long tokens that were signed by an old key stay valid after
 *     the last of them was issued. `0s` ends that at once. Default: 8784h (366 days), the longest
 *     that API servers let the token of a pod live, and a day.
 * @param etcdCA Request for another CA of etcd. All certificates of etcd and of its clients are
 *     issued anew.
 * @param frontProxyCA Request for another CA by which aggregated API servers know the API servers.
 *     They have to trust it by themselves, as they do if they read ConfigMap
 *     extension-apiserver-authentication.
 * @param kubernetesCA Request for another CA of servers and clients of Kubernetes. Every node has
 *     to join anew before it is used, so machines are replaced.
 * @param machineRollout Who replaces the machines for that. `OneByOne`: the controller sets
 *     `spec.rollout.after` of one MachineDeployment after the other, and never back. `Manual`: the
 *     user. Default: `OneByOne`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Rotation(
    @Size(max = Rotation.LONGEST)
        @ValidationRule(value = Rotation.IS_REQUEST, message = Rotation.ACCEPTED_REQUEST)
        @Nullable String encryptionKey,
    @Size(max = Rotation.LONGEST)
        @ValidationRule(value = Rotation.IS_REQUEST, message = Rotation.ACCEPTED_REQUEST)
        @Nullable String serviceAccountKey,
    @Size(max = Rotation.LONGEST_RETENTION)
        @ValidationRule(value = Rotation.IS_RETENTION, message = Rotation.ACCEPTED_RETENTION)
        @Nullable String serviceAccountKeyRetention,
    @Size(max = Rotation.LONGEST)
        @ValidationRule(value = Rotation.IS_REQUEST, message = Rotation.ACCEPTED_REQUEST)
        @Nullable String etcdCA,
    @Size(max = Rotation.LONGEST)
        @ValidationRule(value = Rotation.IS_REQUEST, message = Rotation.ACCEPTED_REQUEST)
        @Nullable String frontProxyCA,
    @Size(max = Rotation.LONGEST)
        @ValidationRule(value = Rotation.IS_REQUEST, message = Rotation.ACCEPTED_REQUEST)
        @Nullable String kubernetesCA,
    @Nullable MachineRollout machineRollout) {

  /** Longest text of a request. */
  public static final int LONGEST = 63;

  /** Longest text of a retention. */
  public static final int LONGEST_RETENTION = 32;

  /** What a request looks like. */
  public static final String REQUEST = "^[A-Za-z0-9]([A-Za-z0-9_.:+-]*[A-Za-z0-9])?$";

  /** What is accepted as a request. */
  public static final String ACCEPTED_REQUEST =
      "must be at most 63 letters, digits and any of _.:+- between them, for example 2026-11-30";

  /** What is accepted as a retention. */
  public static final String ACCEPTED_RETENTION =
      "must be a duration in hours, minutes and seconds, for example 24h";

  /** Who replaces machines, by default too. */
  public MachineRollout machineRolloutOrDefault() {
    return machineRollout == null ? MachineRollout.ONE_BY_ONE : machineRollout;
  }

  static final String IS_REQUEST = "self.matches(r'" + REQUEST + "')";
  static final String IS_RETENTION = "self.matches(r'" + Certificates.FORM + "')";
}

package dev.hcp.controller.apiserver;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.plan.Answer;
import java.util.Optional;

/**
 * Asks API servers through their public endpoints, beside the passes. A change of the answer wakes
 * a pass.
 */
public interface Probing {
  /** The last answer of a control plane's API server. */
  Optional<Answer> last(String namespace, String name);

  /**
   * Starts to ask until the API server says that it is ready; does nothing if that is under way
   * with the same arguments.
   *
   * @param authority certificates by which the server is trusted, PEM
   */
  void await(String namespace, String name, ControlPlaneEndpoint endpoint, String authority);

  /** Stops asking, and forgets the answer. */
  void forget(String namespace, String name);
}

package dev.hcp.controller.exposure;

import dev.hcp.controller.plan.Resolution;
import java.util.List;
import java.util.Map;

/**
 * Follows the addresses of host names, beside the passes. Another answer than before wakes a pass.
 */
public interface HostNames {
  /** The names that are followed for a control plane, and what is known of each. */
  Map<String, Resolution> last(String namespace, String name);

  /** From now on follows these names for a control plane, and no others. Returns at once. */
  void follow(String namespace, String name, List<String> hostNames);

  /** Follows nothing any more for a control plane. */
  void forget(String namespace, String name);
}

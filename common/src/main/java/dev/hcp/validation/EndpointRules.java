package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Address of the API server, which becomes part of URLs and host names of routes. */
final class EndpointRules {
  private static final Pattern NAME = Pattern.compile(ControlPlaneEndpoint.NAME);
  private static final Pattern IPV6 = Pattern.compile(ControlPlaneEndpoint.IPV6);

  private EndpointRules() {}

  static void check(Field field, @Nullable ControlPlaneEndpoint endpoint) {
    var host = endpoint == null ? null : endpoint.host();
    field
        .at("host")
        .require(
            host == null
                // What the generic type of an infrastructure provider leaves empty.
                || host.isEmpty()
                || (host.length() <= ControlPlaneEndpoint.LONGEST && NAME.matcher(host).matches())
                || IPV6.matcher(host).matches(),
            host,
            ControlPlaneEndpoint.ACCEPTED);
  }
}

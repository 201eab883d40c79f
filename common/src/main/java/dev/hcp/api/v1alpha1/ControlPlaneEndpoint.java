package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Address at which the API server of the hosted cluster is reached.
 *
 * @param host Host name, in lower case and of at most 240 characters, or IP address; without port.
 * @param port TCP port, 1 to 65535.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ControlPlaneEndpoint(
    @Size(min = 1, max = 512)
        @ValidationRule(
            value =
                "(size(self) <= "
                    + ControlPlaneEndpoint.LONGEST
                    + " && self.matches(r'"
                    + ControlPlaneEndpoint.NAME
                    + "')) || self.matches(r'"
                    + ControlPlaneEndpoint.IPV6
                    + "')",
            message = ControlPlaneEndpoint.ACCEPTED)
        @Nullable String host,
    @Min(1) @Max(65535) @Nullable Integer port) {

  /** What is accepted as a host. */
  public static final String ACCEPTED =
      "must be a host name, in lower case and of at most "
          + ControlPlaneEndpoint.LONGEST
          + " characters, or IP address, without scheme and port, for example demo.example.com";

  /** A host name or IPv4 address. */
  public static final String NAME =
      "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?([.][a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$";

  /** Longest host name: that of the konnectivity server has a part more, and 253 in all. */
  public static final int LONGEST = 240;

  /** An IPv6 address, which has at least two colons. */
  public static final String IPV6 = "^[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*$";
}

package dev.hcp.e2e;

import dev.hcp.e2e.cluster.AddOns;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Lets this virtual machine resolve the host names of hosted clusters, which only the bed's own DNS
 * knows, without a change to the host. The Java runtime finds it as a service; for all other names
 * it asks whoever would be asked without it. Names go to the Gateway of the bed that was used last.
 */
public final class HostedClusterResolver extends InetAddressResolverProvider {
  private static final String GATEWAY = "dev.hcp.e2e.gateway";
  private static final String SUFFIX = "." + AddOns.DOMAIN;

  /** Sends the names to {@code address} from now on. */
  static void resolveTo(String address) {
    System.setProperty(GATEWAY, address);
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new Resolver(configuration.builtinResolver());
  }

  @Override
  public String name() {
    return "hosted clusters of the test bed";
  }

  private record Resolver(InetAddressResolver others) implements InetAddressResolver {
    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
        throws UnknownHostException {
      var gateway = System.getProperty(GATEWAY);
      if (gateway == null || !host.endsWith(SUFFIX)) {
        return others.lookupByName(host, policy);
      }
      // With the name: it is what HTTP clients tell the Gateway in the handshake. The gateway is
      // written as numbers, so this does not come back here.
      return Stream.of(InetAddress.getByAddress(host, InetAddress.ofLiteral(gateway).getAddress()));
    }

    @Override
    public String lookupByAddress(byte[] address) throws UnknownHostException {
      return others.lookupByAddress(address);
    }
  }
}

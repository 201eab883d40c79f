package dev.hcp.controller.fleet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The DNS of the management cluster, for the controller's process: all names of control planes lead
 * to the proxies that {@link Fleet} has on the loopback interface.
 */
public final class LoopbackNames extends InetAddressResolverProvider {
  /** Domain of the endpoint. */
  static final String DOMAIN = "fleet.test";

  /** By which the controller's process is told. */
  static final String PROPERTY = "loopback.network";

  /** One of its own for each process of tests, of which there are several at a time. */
  static final String NETWORK =
      System.getProperty(
          PROPERTY,
          "127.%d.%d"
              .formatted(
                  ThreadLocalRandom.current().nextInt(1, 255),
                  ThreadLocalRandom.current().nextInt(1, 255)));

  /** Where hosted API servers answer. */
  static final String API_SERVER = NETWORK + ".1";

  private static final Pattern MEMBER = Pattern.compile("[^.]+-etcd-(\\d)\\..*\\.svc\\.?");

  /** Where a member of etcd answers. */
  static String member(int ordinal) {
    return "%s.%d".formatted(NETWORK, 10 + ordinal);
  }

  @Override
  public String name() {
    return "loopback";
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    var others = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        var member = MEMBER.matcher(host);
        if (member.matches()) {
          return named(host, member(Integer.parseInt(member.group(1))));
        }
        return host.endsWith(".svc") || host.endsWith("." + DOMAIN)
            ? named(host, API_SERVER)
            : others.lookupByName(host, policy);
      }

      /** Who has no name does not tell servers whom it looks for. */
      private static Stream<InetAddress> named(String host, String address)
          throws UnknownHostException {
        return Stream.of(
            InetAddress.getByAddress(host, InetAddress.ofLiteral(address).getAddress()));
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return others.lookupByAddress(address);
      }
    };
  }
}

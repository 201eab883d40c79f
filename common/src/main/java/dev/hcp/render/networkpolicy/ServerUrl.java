package dev.hcp.render.networkpolicy;

import dev.hcp.model.Cidr;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a URL leads.
 *
 * @param host host name or address
 * @param port port
 */
record ServerUrl(String host, int port) {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** Name of a Service in the management cluster. */
  private static final Pattern SERVICE =
      Pattern.compile("[^.]+\\.(?<namespace>[^.]+)\\.svc(\\.cluster\\.local)?");

  /** Reads a URL; empty if it leads nowhere, or back to the pod itself, which is never enforced. */
  static Optional<ServerUrl> parse(String text) {
    try {
      var url = new URI(text);
      if (url.getHost() == null) {
        return Optional.empty();
      }
      var host = plain(url.getHost());
      return isLoopback(host)
          ? Optional.empty()
          : Optional.of(new ServerUrl(host, url.getPort() < 0 ? port(url) : url.getPort()));
    } catch (URISyntaxException _) {
      // Admission refuses such URLs, and with one the API server would not start.
      return Optional.empty();
    }
  }

  /**
   * The connection to it.
   *
   * @param world what a DNS name stands for where names cannot be written
   */
  Flow flow(Peer.World world) {
    var address = address(host);
    if (address.isPresent()) {
      return Flow.to(new Peer.Address(Cidr.host(address.get())), Port.tcp(port));
    }
    var service = SERVICE.matcher(host);
    // Policies speak of the ports of pods, and which port of a pod a Service's port leads to is not
    // known here.
    return service.matches()
        ? Flow.to(new Peer.Namespace(service.group("namespace")), Port.everyTcp())
        : Flow.to(new Peer.DnsName(host, world), Port.tcp(port));
  }

  private static int port(URI url) {
    return "http".equalsIgnoreCase(url.getScheme()) ? HTTP_PORT : HTTPS_PORT;
  }

  private static String plain(String host) {
    var name = host.toLowerCase(Locale.ROOT);
    if (name.startsWith("[")) {
      return name.substring(1, name.length() - 1);
    }
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || address(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static Optional<InetAddress> address(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}

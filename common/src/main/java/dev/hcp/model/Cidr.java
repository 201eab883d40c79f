package dev.hcp.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * An address range in CIDR notation.
 *
 * @param network the lowest address, as a number
 * @param prefix number of leading bits that all addresses share
 * @param bits length of an address: 32 or 128
 */
public record Cidr(BigInteger network, int prefix, int bits) {
  /** Groups of an IPv6 address that may be left out. */
  private static final Pattern ZEROS = Pattern.compile("(^|:)0(:0)+(:|$)");

  /** What Java takes for an address besides, such as {@code 10.1}, is none to Kubernetes. */
  private static final Pattern FORM =
      Pattern.compile(
          "((0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
              + "/(0|[1-9][0-9]{0,2})");

  private static final int LONGEST = 49;
  private static final int IPV6_BITS = 128;

  /** All addresses of both families. */
  public static final List<Cidr> ALL = List.of(parse("0.0.0.0/0"), parse("::/0"));

  /**
   * Reads a range such as {@code 10.96.0.0/12} or {@code fd00::/108}. Bits behind the prefix are
   * dropped.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash >= 0 && (text.length() > LONGEST || !FORM.matcher(text).matches())) {
      throw new IllegalArgumentException(
          "\"%s\" is not a range such as 10.96.0.0/12".formatted(text));
    }
    if (slash < 0) {
      throw new IllegalArgumentException(
          "\"%s\" is not a range such as 10.96.0.0/12: the prefix length is missing"
              .formatted(text));
    }
    InetAddress address;
    int prefix;
    try {
      address = InetAddress.ofLiteral(text.substring(0, slash));
      prefix = Integer.parseInt(text.substring(slash + 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"%s\" is not a range such as 10.96.0.0/12".formatted(text), e);
    }
    int bits = address.getAddress().length * Byte.SIZE;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "\"%s\" is not a range: its prefix length must be 0 to %d".formatted(text, bits));
    }
    int hostBits = bits - prefix;
    return new Cidr(
        new BigInteger(1, address.getAddress()).shiftRight(hostBits).shiftLeft(hostBits),
        prefix,
        bits);
  }

  /**
   * The address that many steps above the lowest.
   *
   * @throws IllegalArgumentException if the range is too small
   */
  public String address(int index) {
    if (BigInteger.ONE.shiftLeft(bits - prefix).compareTo(BigInteger.valueOf(index)) <= 0) {
      throw new IllegalArgumentException(
          "%s has no address number %d: the range is too small".formatted(this, index));
    }
    return text(network.add(BigInteger.valueOf(index)));
  }

  /** The range of a single address. */
  public static Cidr host(InetAddress address) {
    return parse(
        "%s/%d".formatted(address.getHostAddress(), address.getAddress().length * Byte.SIZE));
  }

  /** Whether all addresses of another range are in this one, and more. */
  public boolean isWiderThan(Cidr other) {
    return bits == other.bits
        && prefix < other.prefix
        && network.equals(other.network.shiftRight(bits - prefix).shiftLeft(bits - prefix));
  }

  /** The same as {@link #toString}. */
  public String canonical() {
    return toString();
  }

  /** Whether this is a range of IPv6. */
  public boolean isIpv6() {
    return bits == IPV6_BITS;
  }

  /** Name of the IP family, as Kubernetes writes it. */
  public String family() {
    return isIpv6() ? "IPv6" : "IPv4";
  }

  /** Whether a text is an address of the same IP family; it need not be in the range. */
  public boolean hasFamilyOf(String address) {
    try {
      return InetAddress.ofLiteral(address).getAddress().length * Byte.SIZE == bits;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** The form of RFC 5952, which the API server of Kubernetes asks for. */
  @Override
  public String toString() {
    return text(network) + "/" + prefix;
  }

  private String text(BigInteger address) {
    var bytes = new byte[bits / Byte.SIZE];
    var significant = address.toByteArray();
    int length = Math.min(significant.length, bytes.length);
    System.arraycopy(
        significant, significant.length - length, bytes, bytes.length - length, length);
    try {
      return withoutZeros(InetAddress.getByAddress(bytes).getHostAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  /** The text of an address without its longest run of zeros. */
  private static String withoutZeros(String text) {
    return ZEROS
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .max(Comparator.comparingInt(String::length))
        .map(zeros -> text.replaceFirst(zeros, "::"))
        .orElse(text);
  }
}

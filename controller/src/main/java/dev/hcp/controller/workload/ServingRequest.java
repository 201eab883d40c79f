package dev.hcp.controller.workload;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * Decides about requests of kubelets for the certificates by which they serve. Kubernetes signs but
 * never approves these, since it cannot know which addresses are a node's.
 *
 * <p>A node's addresses are written by its own kubelet. So that no node gets a certificate by which
 * it could pass for something else, names that are not a node's and addresses that another node has
 * too are refused.
 */
final class ServingRequest {
  private static final String USER_PREFIX = "system:node:";
  private static final String GROUP = "system:nodes";
  private static final String SERVER_USAGE = "server auth";
  private static final Set<String> USAGES =
      Set.of("digital signature", "key encipherment", SERVER_USAGE);
  private static final Set<String> NAME_TYPES = Set.of("InternalDNS", "ExternalDNS", "Hostname");
  private static final Set<String> ADDRESS_TYPES = Set.of("InternalIP", "ExternalIP");

  private ServingRequest() {}

  /** Names and addresses in the form in which they are compared. */
  private record Subject(Set<String> names, Set<InetAddress> addresses) {
    boolean contains(Subject other) {
      return names.containsAll(other.names) && addresses.containsAll(other.addresses);
    }
  }

  /** Whether somebody has decided about a request already. */
  static boolean isDecided(CertificateSigningRequest request) {
    return request.getStatus() != null && !request.getStatus().getConditions().isEmpty();
  }

  /**
   * What speaks against approving a request; empty if nothing does.
   *
   * @param nodes all nodes of the cluster
   * @param reserved names and addresses of the control plane
   */
  static Optional<String> objection(
      CertificateSigningRequest request, List<Node> nodes, Set<String> reserved) {
    try {
      check(request, nodes, reserved);
      return Optional.empty();
    } catch (Objection e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void check(
      CertificateSigningRequest request, List<Node> nodes, Set<String> reserved) throws Objection {
    var spec = request.getSpec();
    var user = String.valueOf(spec.getUsername());
    require(
        user.startsWith(USER_PREFIX) && user.length() > USER_PREFIX.length(),
        "the requester %s is not a node".formatted(user));
    require(
        spec.getGroups().contains(GROUP), "the requester %s is not of %s".formatted(user, GROUP));
    var usages = new HashSet<>(spec.getUsages());
    require(usages.contains(SERVER_USAGE), "the usages %s lack %s".formatted(usages, SERVER_USAGE));
    require(
        USAGES.containsAll(usages), "of the usages %s only %s may be".formatted(usages, USAGES));
    var parsed = parse(String.valueOf(spec.getRequest()));
    checkSubject(parsed.getSubject(), user);
    var wanted = subject(parsed);
    require(
        !wanted.names().isEmpty() || !wanted.addresses().isEmpty(),
        "it is for no name and no address");
    var nodeName = user.substring(USER_PREFIX.length());
    var node =
        nodes.stream()
            .filter(n -> n.getMetadata().getName().equals(nodeName))
            .findFirst()
            .orElseThrow(() -> new Objection("node %s does not exist".formatted(nodeName)));
    var own = subject(node);
    require(
        own.contains(wanted),
        "it is for %s, but node %s has %s".formatted(describe(wanted), nodeName, describe(own)));
    for (var other : nodes) {
      if (!other.getMetadata().getName().equals(nodeName)) {
        require(
            isApart(wanted, subject(other)),
            "node %s has a name or address of %s too"
                .formatted(other.getMetadata().getName(), describe(wanted)));
      }
    }
    require(
        isApart(wanted, reserved(reserved))
            && wanted.names().stream().allMatch(ServingRequest::isNodes),
        "it is for %s, of which something is the control plane's".formatted(describe(wanted)));
    require(
        wanted.addresses().stream().noneMatch(a -> a.isLoopbackAddress() || a.isAnyLocalAddress()),
        "it is for %s, of which something is an address of every machine"
            .formatted(describe(wanted)));
  }

  private static PKCS10CertificationRequest parse(String request) throws Objection {
    try (var parser =
        new PEMParser(
            new StringReader(
                new String(Base64.getDecoder().decode(request), StandardCharsets.US_ASCII)))) {
      if (parser.readObject() instanceof PKCS10CertificationRequest parsed
          && parser.readObject() == null) {
        var verifier =
            new JcaContentVerifierProviderBuilder().build(parsed.getSubjectPublicKeyInfo());
        require(parsed.isSignatureValid(verifier), "it is not signed by its own key");
        return parsed;
      }
      throw new Objection("it holds something else than one PKCS#10 request");
    } catch (IOException | IllegalArgumentException | OperatorCreationException | PKCSException e) {
      throw new Objection("it cannot be read: " + e.getMessage());
    }
  }

  private static void checkSubject(X500Name subject, String user) throws Objection {
    var names = new ArrayList<String>();
    var organizations = new ArrayList<String>();
    for (var part : subject.getRDNs()) {
      for (var attribute : part.getTypesAndValues()) {
        var value = IETFUtils.valueToString(attribute.getValue());
        if (attribute.getType().equals(BCStyle.CN)) {
          names.add(value);
        } else if (attribute.getType().equals(BCStyle.O)) {
          organizations.add(value);
        } else {
          throw new Objection("its subject %s has more than O and CN".formatted(subject));
        }
      }
    }
    require(
        names.equals(List.of(user)) && organizations.equals(List.of(GROUP)),
        "its subject is %s, not O=%s,CN=%s".formatted(subject, GROUP, user));
  }

  private static Subject subject(PKCS10CertificationRequest request) throws Objection {
    var names = new HashSet<String>();
    var addresses = new HashSet<InetAddress>();
    for (var attribute : request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
      for (var value : attribute.getAttrValues()) {
        var alternatives =
            GeneralNames.fromExtensions(
                Extensions.getInstance(value), Extension.subjectAlternativeName);
        for (var name : alternatives == null ? new GeneralName[0] : alternatives.getNames()) {
          switch (name.getTagNo()) {
            case GeneralName.dNSName ->
                names.add(IETFUtils.valueToString(name.getName()).toLowerCase(Locale.ROOT));
            case GeneralName.iPAddress ->
                addresses.add(address(ASN1OctetString.getInstance(name.getName()).getOctets()));
            default -> throw new Objection("%s is neither a name nor an address".formatted(name));
          }
        }
      }
    }
    return new Subject(names, addresses);
  }

  private static InetAddress address(byte[] octets) throws Objection {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new Objection("an address has %d bytes".formatted(octets.length));
    }
  }

  private static Subject subject(Node node) {
    var names = new HashSet<String>();
    var addresses = new HashSet<InetAddress>();
    names.add(node.getMetadata().getName().toLowerCase(Locale.ROOT));
    var known =
        node.getStatus() == null
            ? Stream.<NodeAddress>empty()
            : node.getStatus().getAddresses().stream();
    known.forEach(a -> {
      if (NAME_TYPES.contains(a.getType())) {
        names.add(a.getAddress().toLowerCase(Locale.ROOT));
      } else if (ADDRESS_TYPES.contains(a.getType())) {
        literal(a.getAddress()).ifPresent(addresses::add);
      }
    });
    return new Subject(names, addresses);
  }

  private static Subject reserved(Set<String> reserved) {
    var names = new HashSet<String>();
    var addresses = new HashSet<InetAddress>();
    for (var text : reserved) {
      literal(text).ifPresentOrElse(addresses::add, () -> names.add(text.toLowerCase(Locale.ROOT)));
    }
    return new Subject(names, addresses);
  }

  /** Names of Services, and of every machine, are no node's. */
  private static boolean isNodes(String name) {
    return !name.equals("localhost")
        && !name.endsWith(".svc")
        && !name.contains(".svc.")
        && !name.contains("*");
  }

  private static boolean isApart(Subject one, Subject other) {
    return one.names().stream().noneMatch(other.names()::contains)
        && one.addresses().stream().noneMatch(other.addresses()::contains);
  }

  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static List<String> describe(Subject subject) {
    return Stream.concat(
            subject.names().stream().sorted(),
            subject.addresses().stream().map(InetAddress::getHostAddress).sorted())
        .toList();
  }

  private static void require(boolean condition, String otherwise) throws Objection {
    if (!condition) {
      throw new Objection(otherwise);
    }
  }

  /** Ends the examination. */
  private static final class Objection extends Exception {
    private static final long serialVersionUID = 1L;

    Objection(String message) {
      super(message);
    }
  }
}

package dev.hcp.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.memory.SignedCertificates;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.render.pki.Root;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The CAs, and who has to do with them. */
final class AuthoritiesTest {
  private static final Names NAMES = new Names("demo");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String PRINTABLE_STRING_OF_7 = "1307";

  private final Scenario scenario = Scenario.named("minimal");

  /** A pod that nobody waits for would be left with the old CA. */
  @ParameterizedTest
  @EnumSource(value = Root.class, names = "KUBERNETES", mode = EnumSource.Mode.EXCLUDE)
  void everyTemplateThatHasToDoWithAnAuthorityFollowsIt(Root root) {
    var leaves =
        Certificates.leaves(Plan.of(scenario.observation()).planning()).stream()
            .filter(leaf -> leaf.getSpec().issuerRef().name().equals(root.name(NAMES)))
            .map(leaf -> leaf.getMetadata().getName())
            .toList();
    for (var component : Component.values()) {
      var mounted = mounted(component);
      assertThat(mounted.contains(NAMES.bundle(root.name(NAMES))))
          .as("%s trusts %s", component, root)
          .isEqualTo(root.trusting().contains(component));
      assertThat(mounted.stream().anyMatch(leaves::contains))
          .as("%s has a certificate of %s", component, root)
          .isEqualTo(root.using().contains(component));
    }
  }

  /** cert-manager signs it anew, and what it signs then has to be of whoever was trusted before. */
  @Test
  void anAuthorityIsMadeAsCertManagerWouldMakeIt() throws Exception {
    var pair = AuthorityMaker.make("etcd-ca", NOW, Duration.ofDays(10), "");
    var certificate = ParsedCertificate.parse(pair.certificate()).orElseThrow().certificate();
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=etcd-ca");
    assertThat(HexFormat.of().formatHex(certificate.getSubjectX500Principal().getEncoded()))
        .contains(PRINTABLE_STRING_OF_7);
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getBasicConstraints()).isGreaterThanOrEqualTo(0);
    assertThat(certificate.getKeyUsage()).startsWith(true, false, true, false, false, true);
    assertThat(certificate.getNotAfter()).isEqualTo(Instant.parse("2026-01-11T00:00:00Z"));
    assertThat(pair.toString()).doesNotContain(pair.key());
    assertThat(identifier(certificate)).isEqualTo(digest(certificate, "SHA-256"));
  }

  /** Whoever compares identifiers would take it for another CA once cert-manager has signed it. */
  @Test
  void anAuthorityIsNamedAsThatOneIsThatSignsNow() throws Exception {
    var keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var name = new X500Name("CN=etcd-ca");
    var old =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(NOW),
                        Date.from(NOW.plus(Duration.ofDays(1))),
                        name,
                        keys.getPublic())
                    .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()))
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate())));
    var pem =
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(old.getEncoded()));
    var pair =
        AuthorityMaker.make(
            "etcd-ca",
            NOW,
            Duration.ofDays(10),
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    var certificate = ParsedCertificate.parse(pair.certificate()).orElseThrow().certificate();
    assertThat(identifier(certificate)).isEqualTo(digest(certificate, "SHA-1"));
    var again = AuthorityMaker.make("etcd-ca", NOW, Duration.ofDays(10), pair.certificate());
    var next = ParsedCertificate.parse(again.certificate()).orElseThrow().certificate();
    assertThat(identifier(next)).isEqualTo(digest(next, "SHA-1"));
  }

  private static byte[] identifier(X509Certificate certificate) throws IOException {
    return SubjectKeyIdentifier.getInstance(
            JcaX509ExtensionUtils.parseExtensionValue(
                certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId())))
        .getKeyIdentifier();
  }

  private static byte[] digest(X509Certificate certificate, String algorithm) throws Exception {
    var bits =
        SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded())
            .getPublicKeyData()
            .getBytes();
    return Arrays.copyOf(MessageDigest.getInstance(algorithm).digest(bits), 20);
  }

  @Test
  void aLeafOfAnotherAuthorityIsIssuedAnewButNotAgainRightAfterAFailure() {
    var ours = SignedCertificates.authority("etcd-ca", "ours");
    var foreign = SignedCertificates.authority("etcd-ca", "another");
    var leaf =
        SignedCertificates.leaf("etcd-peer", 1, foreign.certificate(), "etcd-ca").orElseThrow();
    scenario
        .edit(
            Secret.class,
            "demo-etcd-ca",
            secret -> secret.setData(Map.of("tls.crt", ours.certificate(), "tls.key", ours.key())))
        .with(
            new SecretBuilder()
                .withNewMetadata()
                .withName("demo-etcd-peer")
                .endMetadata()
                .withData(Map.of("tls.crt", leaf.certificate(), "tls.key", leaf.key()))
                .build());
    var copies = Optional.<Secret>empty();
    for (var step : Plan.of(scenario.observation()).steps()) {
      for (var desired : step.desired()) {
        if (desired instanceof Secret secret
            && secret.getMetadata().getName().equals("demo-root-keys")) {
          copies = Optional.of(secret);
        }
      }
    }
    scenario.with(copies.orElseThrow());
    status("{conditions: [{type: Ready, status: 'True'}]}");
    assertThat(reissued()).containsExactly("demo-etcd-peer");
    status("{conditions: [{type: Issuing, status: 'True'}]}");
    assertThat(reissued()).isEmpty();
    status("{conditions: [], lastFailureTime: '2025-12-31T23:58:00Z'}");
    assertThat(reissued()).isEmpty();
    assertThat(Plan.of(scenario.observation()).again()).contains(Duration.ofSeconds(181));
    status("{conditions: [], lastFailureTime: '2025-12-31T23:55:00Z'}");
    assertThat(reissued()).containsExactly("demo-etcd-peer");
  }

  private void status(String status) {
    scenario.with(
        """
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: demo-etcd-peer, namespace: clusters, generation: 1}
        status: %s
        """
            .formatted(status));
  }

  private List<String> reissued() {
    return Plan.of(scenario.observation()).steps().stream()
        .flatMap(step -> step.actions().stream())
        .filter(Action.Reissue.class::isInstance)
        .map(action -> ((Action.Reissue) action).certificate().getMetadata().getName())
        .toList();
  }

  /** Secrets that pods of a component mount. */
  private List<String> mounted(Component component) {
    return Plan.of(scenario.observation()).steps().stream()
        .flatMap(step -> step.desired().stream())
        .<HasMetadata>map(object -> object)
        .filter(object -> object.getMetadata().getName().equals("demo-" + component.label()))
        .flatMap(AuthoritiesTest::template)
        .flatMap(template -> template.getSpec().getVolumes().stream())
        .flatMap(volume -> Optional.ofNullable(volume.getProjected()).stream())
        .flatMap(projected -> projected.getSources().stream())
        .flatMap(source -> Optional.ofNullable(source.getSecret()).stream())
        .map(SecretProjection::getName)
        .toList();
  }

  private static Stream<PodTemplateSpec> template(HasMetadata object) {
    return switch (object) {
      case Deployment deployment -> Stream.of(deployment.getSpec().getTemplate());
      case StatefulSet set -> Stream.of(set.getSpec().getTemplate());
      default -> Stream.empty();
    };
  }
}

package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hcp.controller.telemetry.ControllerMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Fabric8HostedKubesTest {
  private final Fabric8HostedKubes kubes =
      new Fabric8HostedKubes(new ControllerMetrics(new SimpleMeterRegistry()));

  @AfterEach
  void close() {
    kubes.close();
  }

  /** cert-manager writes keys as PKCS #8. */
  @ParameterizedTest
  @CsvSource({"EC, 256, SHA256withECDSA", "RSA, 2048, SHA256withRSA"})
  void takesKeysOfEitherKind(String algorithm, int size, String signature)
      throws GeneralSecurityException, IOException, OperatorException {
    var kubeconfig = kubeconfig(algorithm, size, signature);
    assertThatCode(() -> kubes.open(kubeconfig).close()).doesNotThrowAnyException();
  }

  @Test
  void saysWhatIsWrongWithCredentials() {
    var kubeconfig = kubeconfig(base64("nothing"), base64("nothing"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kubes.open(kubeconfig))
        .withMessageStartingWith("not a usable kubeconfig: ");
  }

  private static String kubeconfig(String algorithm, int size, String signature)
      throws GeneralSecurityException, IOException, OperatorException {
    var generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    var keys = generator.generateKeyPair();
    var name = new X500Name("CN=controller");
    var certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(Instant.parse("2026-01-01T00:00:00Z")),
                Date.from(Instant.parse("2036-01-01T00:00:00Z")),
                name,
                keys.getPublic())
            .build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()));
    return kubeconfig(
        pem(new PemObject("CERTIFICATE", certificate.getEncoded())),
        pem(new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded())));
  }

  private static String kubeconfig(String certificate, String key) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: demo
      cluster:
        server: https://demo.example.test:443
    users:
    - name: controller
      user:
        client-certificate-data: %s
        client-key-data: %s
    contexts:
    - name: demo
      context: {cluster: demo, user: controller}
    current-context: demo
    """
        .formatted(certificate, key);
  }

  private static String pem(PemObject object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return base64(text.toString());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}

package dev.hcp.controller.pki;

import dev.hcp.render.pki.PkiRenderer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The Kubernetes CA that the forerunner had replaced before its control plane was taken over. What
 * it has signed is still shown by some, its own pods among them, so it stays trusted until it
 * expires. It is kept where the forerunner has left it, in the Secret with the trust bundle.
 *
 * @param certificate base64 of PEM
 * @param expiry from when on nobody accepts it anyhow
 */
record FormerAuthority(String certificate, Instant expiry) {
  private static final String ENTRY = "old.crt";

  /**
   * The one that is trusted still; empty if there is none, or it cannot be read.
   *
   * @param bundle data of the Secret with the trust bundle
   */
  static Optional<FormerAuthority> in(Map<String, String> bundle, Instant now) {
    var certificate = bundle.getOrDefault(ENTRY, "");
    return expiry(certificate)
        .filter(now::isBefore)
        .map(time -> new FormerAuthority(certificate, time));
  }

  private static Optional<Instant> expiry(String encoded) {
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(Base64.getDecoder().decode(encoded)))
          .stream()
          .filter(X509Certificate.class::isInstance)
          .map(found -> ((X509Certificate) found).getNotAfter().toInstant())
          .max(Comparator.naturalOrder());
    } catch (CertificateException | IllegalArgumentException _) {
      // Nobody trusts what cannot be read.
      return Optional.empty();
    }
  }

  /** What is published, with this one trusted too. */
  SortedMap<String, String> with(SortedMap<String, String> published) {
    var data = new TreeMap<>(published);
    var own = data.get(PkiRenderer.BUNDLE_KEY);
    if (own != null) {
      var both = new ByteArrayOutputStream();
      var pem = Base64.getDecoder().decode(own);
      both.writeBytes(pem);
      if (pem.length > 0 && pem[pem.length - 1] != '\n') {
        both.write('\n');
      }
      both.writeBytes(Base64.getDecoder().decode(certificate));
      data.put(PkiRenderer.BUNDLE_KEY, Base64.getEncoder().encodeToString(both.toByteArray()));
      data.put(ENTRY, certificate);
    }
    return data;
  }
}

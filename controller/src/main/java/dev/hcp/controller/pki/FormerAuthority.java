package dev.hcp.controller.pki;

import dev.hcp.model.SecretText;
import dev.hcp.render.pki.PkiRenderer;
import java.time.Instant;
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
    return ParsedCertificate.parse(certificate)
        .map(ParsedCertificate::expiry)
        .filter(now::isBefore)
        .map(expiry -> new FormerAuthority(certificate, expiry));
  }

  /** What is published, with this one trusted too. */
  SortedMap<String, String> with(SortedMap<String, String> published) {
    var data = new TreeMap<>(published);
    var own = SecretText.read(data, PkiRenderer.BUNDLE_KEY);
    if (own.isPresent()) {
      data.put(ENTRY, certificate);
      data.put(
          PkiRenderer.BUNDLE_KEY,
          SecretText.encoded(
              own.get().stripTrailing() + "\n" + SecretText.read(data, ENTRY).orElseThrow()));
    }
    return data;
  }
}

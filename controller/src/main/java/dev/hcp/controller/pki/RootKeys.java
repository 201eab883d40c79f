package dev.hcp.controller.pki;

import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The keys that cannot be made anew without breaking the hosted cluster: those of the three roots,
 * of service accounts, and of encryption at rest, which are used elsewhere. Copies are kept in a
 * Secret of their own; a Secret that was deleted or changed by mistake is put back from them.
 *
 * @param certificates certificates of the roots, base64 of PEM by name of the Secret, as far as
 *     there are any
 * @param restoredAuthorities Secrets of roots that have to be put back
 * @param secrets the copies, and the service-account keys where they have to be put back
 * @param serviceAccountKeysMissing whether there have never been service-account keys
 */
record RootKeys(
    Map<String, String> certificates,
    List<Secret> restoredAuthorities,
    List<Secret> secrets,
    boolean serviceAccountKeysMissing) {
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

  /** Certificate (or public key) and private key, each base64 of PEM. */
  private record KeyPair(String certificate, String key) {
    static Optional<KeyPair> of(Map<String, String> data, String certificate, String key) {
      var pair = new KeyPair(data.getOrDefault(certificate, ""), data.getOrDefault(key, ""));
      return Optional.of(pair).filter(p -> !p.certificate().isEmpty() && !p.key().isEmpty());
    }
  }

  static RootKeys of(Planning planning, AtRest atRest, Signing signing) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var copies = planning.objects().secretData(names.rootKeys());
    var next = new TreeMap<>(atRest.copies());
    next.putAll(signing.copies());
    var certificates = new HashMap<String, String>();
    var authorities = new ArrayList<Secret>();
    var secrets = new ArrayList<Secret>();
    var originals = new LinkedHashMap<String, String>();
    originals.put("ca", names.kubernetesCa());
    originals.put("etcd-ca", names.etcdCa());
    originals.put("front-proxy-ca", names.frontProxyCa());
    originals.forEach((alias, name) -> {
      var live = KeyPair.of(planning.objects().secretData(name), CERTIFICATE, KEY);
      var copy = KeyPair.of(copies, alias + ".crt", alias + ".key");
      boolean lost =
          copy.isPresent() && live.filter(l -> l.key().equals(copy.get().key())).isEmpty();
      (lost ? copy : live)
          .ifPresent(pair -> {
            next.put(alias + ".crt", pair.certificate());
            next.put(alias + ".key", pair.key());
            certificates.put(name, pair.certificate());
            if (lost) {
              authorities.add(
                  PkiRenderer.restoredAuthority(
                      controlPlane, name, pair.certificate(), pair.key()));
            }
          });
    });
    signing
        .wanted()
        .map(data -> PkiRenderer.serviceAccountKeys(controlPlane, data))
        .ifPresent(secrets::add);
    if (!next.isEmpty()) {
      secrets.add(PkiRenderer.rootKeys(controlPlane, next));
    }
    return new RootKeys(
        Map.copyOf(certificates),
        List.copyOf(authorities),
        List.copyOf(secrets),
        signing.isMissing());
  }
}

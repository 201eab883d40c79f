package dev.hcp.controller.pki;

import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The keys that cannot be made anew without breaking the hosted cluster: those of the three roots,
 * of service accounts, and of encryption at rest, which are used elsewhere. Copies are kept in a
 * Secret of their own; a Secret that was deleted or changed by mistake is put back from them.
 *
 * @param restoredAuthorities Secrets of roots that have to be put back, or follow others, or are
 *     about to
 * @param secrets the copies, and the service-account keys where they have to be put back
 * @param serviceAccountKeysMissing whether there have never been service-account keys
 * @param clearing copies that have had their time
 */
record RootKeys(
    List<Secret> restoredAuthorities,
    List<Secret> secrets,
    boolean serviceAccountKeysMissing,
    Optional<Action> clearing) {
  static RootKeys of(Planning planning, AtRest atRest, Signing signing, Authorities authorities) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var next = new TreeMap<>(atRest.copies());
    next.putAll(signing.copies());
    var restored = new ArrayList<Secret>();
    var left = new TreeSet<String>();
    for (var authority : authorities.all()) {
      next.putAll(authority.wantedCopies());
      left.addAll(authority.leftOver());
      authority
          .replacement()
          .map(pair ->
              PkiRenderer.restoredAuthority(
                  controlPlane, authority.root().name(names), pair.certificate(), pair.key()))
          .ifPresent(restored::add);
      authority
          .heir()
          .map(data -> PkiRenderer.nextAuthority(controlPlane, data))
          .ifPresent(restored::add);
    }
    var secrets = new ArrayList<Secret>();
    signing
        .wanted()
        .map(data -> PkiRenderer.serviceAccountKeys(controlPlane, data))
        .ifPresent(secrets::add);
    if (!next.isEmpty()) {
      secrets.add(PkiRenderer.rootKeys(controlPlane, next));
    }
    return new RootKeys(
        List.copyOf(restored),
        List.copyOf(secrets),
        signing.isMissing(),
        planning
            .objects()
            .get(Secret.class, names.rootKeys())
            .filter(_ -> !left.isEmpty())
            .map(seen -> new Action.RemoveEntries(seen, left)));
  }
}

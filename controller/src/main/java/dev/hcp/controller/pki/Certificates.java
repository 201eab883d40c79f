package dev.hcp.controller.pki;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.pki.PkiRenderer;
import java.util.ArrayList;
import java.util.List;

/** The Certificates that there shall be. */
final class Certificates {
  private Certificates() {}

  /** All but those of the CAs, as far as what they have to say is known. */
  static List<Certificate> leaves(Planning planning) {
    var controlPlane = planning.controlPlane();
    var certificates = new ArrayList<>(PkiRenderer.leaves(controlPlane));
    PkiRenderer.monitoring(controlPlane).ifPresent(certificates::add);
    certificates.addAll(PkiRenderer.users(controlPlane));
    var endpoint = planning.reach().endpoint();
    if (endpoint != null) {
      certificates.add(
          PkiRenderer.apiServer(controlPlane, endpoint, planning.reach().serviceNames()));
    }
    return List.copyOf(certificates);
  }
}

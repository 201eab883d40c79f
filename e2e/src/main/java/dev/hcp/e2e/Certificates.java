package dev.hcp.e2e;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Certificates of cert-manager on a bed. */
public record Certificates(Bed bed) {
  /** Has one issued anew, as "cmctl renew" does; returns before it is. */
  public void renew(String namespace, String name) {
    var condition =
        """
        [{"op": "add", "path": "/status/conditions/-", "value": {
          "type": "Issuing", "status": "True", "reason": "ManuallyTriggered",
          "message": "Certificate re-issuance manually triggered", "lastTransitionTime": "%s"}}]
        """
            .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS));
    bed.kubectl("patch", "certificate", name, "--namespace", namespace)
        .with("--subresource=status", "--type=json", "--patch", condition)
        .check();
  }
}

package dev.hcp.api.certmanager;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A certificate that cert-manager keeps in a Secret. */
@Group("cert-manager.io")
@Version("v1")
@Kind("Certificate")
@Plural("certificates")
@Singular("certificate")
public final class Certificate extends CustomResource<CertificateSpec, CertificateStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}

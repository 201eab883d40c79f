package dev.hcp.api.certmanager;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Something that signs certificates of its namespace. */
@Group("cert-manager.io")
@Version("v1")
@Kind("Issuer")
@Plural("issuers")
@Singular("issuer")
public final class Issuer extends CustomResource<IssuerSpec, IssuerStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;
}

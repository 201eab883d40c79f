package dev.hcp.render.pki;

import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The CAs of a control plane, and the components whose pods follow a rotation of each. */
public enum Root {
  /** That of servers and clients of Kubernetes. */
  KUBERNETES("ca", "kubernetes"),
  /** That of etcd. */
  ETCD("etcd-ca", "etcd-ca"),
  /** That of API servers as clients of aggregated API servers. */
  FRONT_PROXY("front-proxy-ca", "front-proxy-ca");

  private final String alias;
  private final String commonName;

  Root(String alias, String commonName) {
    this.alias = alias;
    this.commonName = commonName;
  }

  /** What names of entries of the Secret with the copies begin with. */
  public String alias() {
    return alias;
  }

  /** Whom its certificate names. */
  public String commonName() {
    return commonName;
  }

  /** Components whose pods are given its trust bundle, in the order in which they are named. */
  public List<Component> trusting() {
    return switch (this) {
      case KUBERNETES ->
          List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.SCHEDULER);
      case ETCD -> List.of(Component.ETCD, Component.API_SERVER);
      case FRONT_PROXY -> List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER);
    };
  }

  /** Those of them whose pods are given certificates that it has signed, too. */
  public List<Component> using() {
    return switch (this) {
      case KUBERNETES -> trusting();
      case ETCD -> List.of(Component.ETCD, Component.API_SERVER);
      case FRONT_PROXY -> List.of(Component.API_SERVER);
    };
  }

  /** Name of its Certificate, Secret and Issuer. */
  public String name(Names names) {
    return switch (this) {
      case KUBERNETES -> names.kubernetesCa();
      case ETCD -> names.etcdCa();
      case FRONT_PROXY -> names.frontProxyCa();
    };
  }

  /** Lifetime of its certificate. */
  public Duration lifetime(ControlPlane controlPlane) {
    return this == KUBERNETES ? controlPlane.lifetimes().rootCa() : controlPlane.lifetimes().ca();
  }

  /**
   * What pods of a component are annotated with.
   *
   * @param trust what they are given
   */
  public Map<String, String> annotations(Component component, Trust trust) {
    var value = using().contains(component) ? trust.used() : trust.trusted();
    var annotations = new TreeMap<String, String>();
    if (!value.isEmpty() && trusting().contains(component)) {
      annotations.put(Labels.authorityAnnotation(alias), value);
    }
    if (!trust.signing().isEmpty() && component == Component.CONTROLLER_MANAGER) {
      annotations.put(Labels.SIGNER_ANNOTATION, trust.signing());
    }
    return annotations;
  }
}

package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hcp.naming.Names;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kubeconfig besides the administrator's, with a client certificate of its own. What its user may
 * do is said by roles and bindings in the hosted cluster, which are not the controller's matter:
 * without any, next to nothing. A certificate cannot be taken back before it ends.
 *
 * @param name Name of the entry, up to 63 characters. The kubeconfig is in the Secret with the name
 *     of the Cluster, `-kubeconfig-` and this name, under the key `value`.
 * @param user Name of the user in the hosted cluster, up to 64 characters. Names that begin with
 *     `system:` or `kubeadm:` and those of the control plane's own users are refused.
 * @param groups Groups of the user in the hosted cluster, 16 at most. Names that begin with
 *     `system:` or `kubeadm:` are refused. Default: none.
 * @param duration Lifetime of the client certificate, at least 1h and at most half that of the
 *     Kubernetes CA, for example `8h`. It is renewed, and the kubeconfig written anew, when a third
 *     of it is left. Default: `certificates.leafCertificateDuration`.
 * @param server `Public`: the kubeconfig leads to the endpoint, through the Gateway. `Internal`: to
 *     the Service of the API server, for pods of the management cluster. Default: Public.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Kubeconfig(
    @Required
        @Size(max = Kubeconfig.LONGEST_NAME)
        @ValidationRule(value = Kubeconfig.IS_NAME, message = Kubeconfig.ACCEPTED_NAME)
        String name,
    @Required
        @Size(max = Kubeconfig.LONGEST_SUBJECT)
        @ValidationRule(value = Kubeconfig.IS_SUBJECT, message = Kubeconfig.ACCEPTED_SUBJECT)
        @ValidationRule(value = Kubeconfig.IS_FREE_USER, message = Kubeconfig.ACCEPTED_USER)
        String user,
    @Size(max = Kubeconfig.MOST_GROUPS)
        @ValidationRule(
            value = Kubeconfig.ARE_FREE_GROUPS,
            messageExpression = Kubeconfig.WHICH_GROUP)
        @Nullable List<String> groups,
    @Size(max = Kubeconfig.LONGEST_DURATION)
        @ValidationRule(value = Certificates.IS_LEAF_LIFETIME, message = Certificates.LEAF_LIFETIME)
        @Nullable String duration,
    @Nullable KubeconfigServer server) {

  /** Most entries of a control plane. */
  public static final int MOST = 32;

  /** Most groups of an entry. */
  public static final int MOST_GROUPS = 16;

  /** Longest name of an entry. */
  public static final int LONGEST_NAME = 63;

  /** Longest name of a user or group: that of a common name. */
  public static final int LONGEST_SUBJECT = 64;

  /** Longest text of a duration. */
  public static final int LONGEST_DURATION = 32;

  /** What the name of an entry looks like. */
  public static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /** What the name of a user or group looks like: ASCII, so that its length is unambiguous. */
  public static final String SUBJECT = "^[!-~]([ -~]*[!-~])?$";

  /** What is accepted as the name of an entry. */
  public static final String ACCEPTED_NAME =
      "must be at most 63 lower-case letters, digits or '-', with a letter or digit at both ends,"
          + " and not end in -client, as the Secrets of the certificates do";

  /** What is accepted as the name of a user or group. */
  public static final String ACCEPTED_SUBJECT =
      "must be 1 to 64 printable ASCII characters, with no blank at either end, for example"
          + " jane@example.com";

  /** What users there may be. */
  public static final String ACCEPTED_USER =
      "must be another name: those that begin with system: or kubeadm: belong to Kubernetes, and"
          + " some others to the control plane itself";

  /** What groups there may be. */
  public static final String ACCEPTED_GROUP =
      "must be another name: those that begin with system: or kubeadm: belong to Kubernetes; bind"
          + " the role to a group of your own in the hosted cluster";

  /** Users with certificates of a control plane, and of kubeadm, without a reserved prefix. */
  public static final List<String> RESERVED_USERS =
      List.of(
          "apiserver-etcd-client",
          "control-plane-monitoring",
          "controller-etcd-client",
          "etcd-peer",
          "etcd-server",
          "front-proxy-client",
          "kube-apiserver",
          "kube-apiserver-kubelet-client",
          "kubernetes-admin",
          "kubernetes-super-admin");

  /** Beginnings of the names of Kubernetes' own users and groups. */
  public static final List<String> RESERVED_PREFIXES = List.of("system:", "kubeadm:");

  static final String IS_NAME =
      "self.matches(r'" + NAME + "') && !self.endsWith('" + Names.USER_CERTIFICATE + "')";
  static final String IS_SUBJECT = "self.matches(r'" + SUBJECT + "')";
  static final String IS_FREE_USER =
      "!self.startsWith('system:') && !self.startsWith('kubeadm:')"
          + " && !(self in ['apiserver-etcd-client', 'control-plane-monitoring',"
          + " 'controller-etcd-client', 'etcd-peer', 'etcd-server', 'front-proxy-client',"
          + " 'kube-apiserver', 'kube-apiserver-kubelet-client', 'kubernetes-admin',"
          + " 'kubernetes-super-admin'])";
  static final String ARE_FREE_GROUPS =
      "self.all(g, !g.startsWith('system:') && !g.startsWith('kubeadm:'))";
  static final String WHICH_GROUP =
      "'\"' + self.filter(g, g.startsWith('system:') || g.startsWith('kubeadm:'))[0] + '\": "
          + ACCEPTED_GROUP
          + "'";

  /** Under which address it reaches the API server. */
  public KubeconfigServer serverOrDefault() {
    return server == null ? KubeconfigServer.PUBLIC : server;
  }
}

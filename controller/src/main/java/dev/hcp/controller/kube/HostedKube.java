package dev.hcp.controller.kube;

import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.controller.plan.UpgradeCheck;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one hosted cluster. Every request has a deadline. Every method throws {@link
 * io.fabric8.kubernetes.client.KubernetesClientException} when the API server refuses or cannot be
 * reached.
 */
public interface HostedKube extends AutoCloseable {
  /** The API groups that are served; the core group is {@code ""}. */
  Set<String> apiGroups();

  /** All nodes. */
  List<Node> nodes();

  /** The pods of a namespace that have all these labels. */
  List<Pod> pods(String namespace, Map<String, String> labels);

  /**
   * All objects with our label of the kinds of the given ones, in all namespaces. A kind that is
   * not served has none.
   */
  List<HasMetadata> owned(Collection<HasMetadata> examples);

  /** The live counterpart of an object, if it exists. */
  Optional<HasMetadata> find(HasMetadata object);

  /** Whether an object was made by us: it has our label, or fields that we applied. */
  boolean isOwned(HasMetadata live);

  /**
   * Makes the live object look as desired, by server-side apply with force, unless it does already.
   * An object of ours in which a field differs that cannot be changed is made anew.
   *
   * @param live the object as last seen; null if it was not seen
   * @return the object as it is now
   */
  HasMetadata apply(HasMetadata desired, @Nullable HasMetadata live);

  /** Deletes an object, if it still is the one that was seen. Absence is success. */
  void delete(HasMetadata live);

  /**
   * Names of the namespaces whose pods are given something else to know API servers by, sorted.
   *
   * @param authorities what they shall be given, PEM
   */
  List<String> namespacesTrustingOthers(String authorities);

  /** The requests of nodes for serving certificates, decided ones included. */
  List<CertificateSigningRequest> servingRequests();

  /** Approves a request for a certificate. */
  void approve(CertificateSigningRequest request);

  /**
   * Watches what cannot wait for the next look, until this is closed. A broken connection is made
   * anew with a growing delay.
   *
   * @param onRequest is told that there is an undecided request of a node for a serving certificate
   * @param onEndpoints is told that somebody changed where Service {@code default/kubernetes} leads
   * @param onEnd is told that a watch has ended for good
   */
  void watch(Runnable onRequest, Runnable onEndpoints, Runnable onEnd);

  /** What became of an object that was to be written again as it is. */
  enum Rewritten {
    /** Written, or left as it is by the API server, which had nothing to change. */
    WRITTEN,
    /** Somebody else has written or deleted it meanwhile, which does as well. */
    CONFLICT,
    /** Refused. */
    FAILED
  }

  /** Is told of each object that was to be written again. */
  @FunctionalInterface
  interface RewriteListener {
    /**
     * Is told of one.
     *
     * @param object namespace and name
     * @param problem what the API server said; empty unless it was refused
     * @throws RuntimeException to break it off
     */
    void rewritten(String object, Rewritten result, String problem);
  }

  /**
   * Writes all objects of a resource again as they are, in all namespaces: those that are there
   * when this begins. One that is refused does not hold up the others.
   *
   * @param resource plural name, with a dot and the API group unless that is the core group; one
   *     that is not served has no objects
   */
  void rewrite(String resource, RewriteListener listener);

  /**
   * An API that an API server was asked for though it will be removed.
   *
   * @param group its group; empty for the core group
   * @param version its version, such as {@code v1beta1}
   * @param resource plural name
   * @param subresource empty if there is none
   * @param removedRelease minor version that does not serve it any more, such as {@code 1.32}
   */
  record DeprecatedApi(
      String group, String version, String resource, String subresource, String removedRelease) {}

  /**
   * The APIs that one API server was asked for since it started, and that will be removed.
   *
   * @param server the API server, which is reached by its own address
   */
  Set<DeprecatedApi> deprecatedApis(UpgradeCheck.Server server);

  /** Whether an API server can use its key management services; empty if it has none yet. */
  Optional<KmsHealth> kms();

  /** A Service that is asked by API servers. */
  record WebhookService(String namespace, String name) {}

  /**
   * A webhook without which requests fail.
   *
   * @param kind kind of the configuration
   * @param configuration its name
   * @param name name of the webhook in it
   */
  record RequiredWebhook(String kind, String configuration, String name, WebhookService service) {}

  /**
   * The webhooks behind Services that have to be asked for admission.
   *
   * @param found those that were found
   * @param cut why these need not be all, in a sentence; empty if they are
   */
  record RequiredWebhooks(List<RequiredWebhook> found, Optional<String> cut) {
    /** Copies the list. */
    public RequiredWebhooks {
      found = List.copyOf(found);
    }
  }

  /**
   * Looks for the webhooks behind Services that have to be asked for admission, a page at a time.
   *
   * @param most how many configurations of a kind are looked at
   */
  RequiredWebhooks requiredWebhooks(int most);

  /** What keeps a Service from answering; empty if it has an endpoint that is ready. */
  Optional<String> unavailable(WebhookService service);

  /** Ends all connections, and the watches. */
  @Override
  void close();
}

package dev.hcp.controller.kube;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.controller.plan.Machines;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the management cluster. Every request has a deadline. Every method throws {@link
 * io.fabric8.kubernetes.client.KubernetesClientException}, whose message names the object, when the
 * API server refuses or cannot be reached.
 */
public interface Kube {
  /** What became of an {@link #apply}. */
  enum Applied {
    /** The live object has all that is wanted, and nothing of ours besides; no request was made. */
    UNCHANGED,
    /** A server-side apply was sent. */
    CHANGED
  }

  /**
   * Makes the live object look as desired, by server-side apply with force, unless it does already.
   *
   * @param desired all fields that we want, and no others; with a resource version, it is applied
   *     only if the object still has that, and the next pass decides anew otherwise
   * @param live the object as last seen; null if it was not seen
   */
  Applied apply(HasMetadata desired, @Nullable HasMetadata live);

  /** Creates an object. Fails with code 409 if it exists. */
  void create(HasMetadata object);

  /** Reads an object from the API server, past all caches. */
  <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name);

  /**
   * Deletes an object in the foreground, if it still is the one that was seen. Absence is success.
   */
  void delete(HasMetadata object);

  /** Writes the whole status of a control plane, unless it is what was last seen. */
  Applied applyStatus(HostedControlPlane seen, HostedControlPlaneStatus status);

  /** Writes the whole status of a restoration, unless it is what was last seen. */
  Applied applyStatus(HostedControlPlaneRestore seen, HostedControlPlaneRestoreStatus status);

  /** Publishes the endpoint in the spec of a control plane. */
  void applyEndpoint(HostedControlPlane seen, ControlPlaneEndpoint endpoint);

  /** Adds our finalizer, without touching others. */
  void addFinalizer(HostedControlPlane seen);

  /** Removes our finalizer, without touching others. Absence of the object is success. */
  void removeFinalizer(HostedControlPlane seen);

  /** Reads an infrastructure cluster in the version that serves the Cluster API contract. */
  Optional<GenericKubernetesResource> findInfrastructureCluster(
      String group, String kind, String namespace, String name);

  /**
   * Sets {@code spec.controlPlaneEndpoint} of an infrastructure cluster if nobody changed the
   * object since it was read.
   */
  void setInfrastructureEndpoint(GenericKubernetesResource seen, ControlPlaneEndpoint endpoint);

  /**
   * Has a claim ask for a larger volume, unless somebody has changed it since it was seen.
   *
   * @param seen the claim as last seen
   * @param size what it shall ask for
   */
  Applied enlarge(PersistentVolumeClaim seen, Quantity size);

  /**
   * Changes how many pods a Deployment or StatefulSet shall have, and nothing else of it, unless
   * somebody has changed it since it was seen.
   *
   * @param seen the object as last seen
   * @param replicas how many pods it shall have
   */
  void scale(HasMetadata seen, int replicas);

  /**
   * Changes an annotation of an object, unless somebody has changed the object since it was seen.
   *
   * @param seen the object as last seen
   * @param key name of the annotation
   * @param value its value; empty for none
   */
  void annotate(HasMetadata seen, String key, Optional<String> value);

  /**
   * Gives an object a label, unless somebody has changed the object since it was seen.
   *
   * @param seen the object as last seen
   * @param key name of the label
   * @param value its value
   */
  void label(HasMetadata seen, String key, String value);

  /**
   * Leaves only some conditions in a status, whoever has written the others, unless somebody has
   * changed the object since it was seen.
   *
   * @param seen the object as last seen
   * @param left the conditions that stay
   */
  void leaveConditions(HostedControlPlane seen, List<Condition> left);

  /**
   * Changes entries of a Secret, unless somebody has changed it since it was seen.
   *
   * @param seen the Secret as last seen
   * @param entries names and base64; empty to take one out
   */
  void edit(Secret seen, Map<String, Optional<String>> entries);

  /**
   * Has cert-manager issue a certificate anew, unless somebody has changed the Certificate since it
   * was seen, or that is under way.
   *
   * @param seen the Certificate as last seen, with a status
   * @param why for whoever looks at it
   */
  void reissue(Certificate seen, String why);

  /**
   * Looks at the machines of a Cluster. A kind that is not served has no objects.
   *
   * @param cluster name of the Cluster
   */
  Machines machines(String namespace, String cluster);

  /**
   * Has all machines of a MachineDeployment replaced that were made before a time, unless somebody
   * has changed it since it was seen.
   *
   * @param seen the MachineDeployment as last seen
   * @param after the time, in whole seconds
   */
  void rollOut(Machines.Deployment seen, Instant after);

  /** Records an event about an object. Failure is logged and otherwise ignored. */
  void event(HasMetadata about, EventType type, String reason, String action, String note);

  /** Kinds of events. */
  enum EventType {
    /** Things went as they should. */
    NORMAL,
    /** Something needs attention. */
    WARNING
  }
}

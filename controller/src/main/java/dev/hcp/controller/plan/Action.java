package dev.hcp.controller.plan;

import dev.hcp.api.capi.ContractReference;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.render.pki.Root;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;

/** Something to do that is more than applying or deleting a generated object. */
public sealed interface Action {
  /**
   * Make service-account keys and store them, unless somebody did meanwhile.
   *
   * @param request the request for a rotation that they meet; empty if there is none
   */
  record CreateServiceAccountKeys(Optional<String> request) implements Action {}

  /**
   * Make a key for encryption at rest and store it, unless somebody did meanwhile.
   *
   * @param request the request for a rotation that it meets; empty if there is none
   */
  record CreateEncryptionKey(Optional<String> request) implements Action {}

  /**
   * Make another key by which tokens of service accounts are signed, unless somebody has changed
   * the Secret since it was seen.
   *
   * @param secret the Secret as last seen
   * @param number number of the key
   */
  record AddServiceAccountKey(Secret secret, int number) implements Action {
    /** Without the keys. */
    @Override
    public String toString() {
      return "AddServiceAccountKey[%d]".formatted(number);
    }
  }

  /**
   * Make another key for encryption at rest, unless somebody has changed the Secret since it was
   * seen.
   *
   * @param secret the Secret as last seen
   * @param number number of the key
   */
  record AddEncryptionKey(Secret secret, int number) implements Action {
    /** Without the keys. */
    @Override
    public String toString() {
      return "AddEncryptionKey[%d]".formatted(number);
    }
  }

  /**
   * Make a CA that can follow another, unless somebody has changed the Secret since it was seen.
   *
   * @param secret the Secret with the copies of the root keys, as last seen
   * @param root which CA it can follow
   * @param number its number
   */
  record AddAuthority(Secret secret, Root root, int number) implements Action {
    /** Without the keys. */
    @Override
    public String toString() {
      return "AddAuthority[%s, %d]".formatted(root, number);
    }
  }

  /**
   * Have a certificate issued anew, unless somebody has changed the Certificate since it was seen.
   *
   * @param certificate the Certificate as last seen
   * @param why for whoever looks at it
   */
  record Reissue(Certificate certificate, String why) implements Action {}

  /**
   * Take entries out of a Secret, unless somebody has changed it since it was seen.
   *
   * @param secret the Secret as last seen
   * @param entries names of the entries
   */
  record RemoveEntries(Secret secret, Set<String> entries) implements Action {
    /** Copies the set. */
    public RemoveEntries {
      entries = Set.copyOf(entries);
    }

    /** Without the contents. */
    @Override
    public String toString() {
      return "RemoveEntries%s".formatted(entries);
    }
  }

  /**
   * Write all objects of these resources of the hosted cluster again as they are, once. Without
   * this it is not done.
   *
   * @param run what it is done for
   * @param kubeconfig how the hosted cluster is reached, base64
   * @param resources as an API server's configuration of encryption names them
   */
  record Rewrite(String run, String kubeconfig, SortedSet<String> resources) implements Action {
    /** Without the kubeconfig. */
    @Override
    public String toString() {
      return "Rewrite[%s]".formatted(run);
    }
  }

  /**
   * Look at the machines of the Cluster from now on. Without this it is not done.
   *
   * @param cluster name of the Cluster
   */
  record LookAtMachines(String cluster) implements Action {}

  /**
   * Have all machines of a MachineDeployment replaced that were made before a time, unless somebody
   * has changed it since it was seen.
   *
   * @param deployment the MachineDeployment as last seen
   * @param after the time
   */
  record RollOut(Machines.Deployment deployment, Instant after) implements Action {}

  /**
   * Publish the endpoint in the spec of the HostedControlPlane.
   *
   * @param endpoint the endpoint
   */
  record PublishEndpoint(ControlPlaneEndpoint endpoint) implements Action {}

  /**
   * Tell the infrastructure cluster the endpoint, if it waits for one.
   *
   * @param reference the infrastructure cluster
   * @param endpoint the endpoint
   */
  record TellInfrastructure(ContractReference reference, ControlPlaneEndpoint endpoint)
      implements Action {}

  /**
   * Ask the API server through its endpoint until it answers.
   *
   * @param endpoint the endpoint
   * @param authority trusted certificates, base64 of PEM
   */
  record AwaitAnswer(ControlPlaneEndpoint endpoint, String authority) implements Action {}

  /**
   * Look up the addresses of these host names from now on, and of no others.
   *
   * @param names sorted; none to stop
   */
  record FollowNames(List<String> names) implements Action {
    /** Copies the list. */
    public FollowNames {
      names = List.copyOf(names);
    }
  }

  /**
   * Make these backups from now on. Without this there are none.
   *
   * @param order what is wanted
   * @param remembered what was known when the process started
   */
  record KeepBackups(BackupOrder order, BackupState remembered) implements Action {}

  /**
   * Record that the last backup of a control plane that is being deleted is made.
   *
   * @param object name of the snapshot in the store
   */
  record RecordFinalSnapshot(String object) implements Action {}

  /**
   * Have backups restored for a test from now on. Without this none is.
   *
   * @param order what is wanted
   * @param remembered what was known when the process started
   * @param pod the pod of a drill whose end is not recorded yet; empty if there is none
   */
  record KeepDrills(DrillOrder order, DrillState remembered, Optional<DrillPod> pod)
      implements Action {}

  /**
   * Create an object that nobody keeps as it was made, unless there is one of that name.
   *
   * @param object the object
   */
  record Create(HasMetadata object) implements Action {}

  /**
   * Say how far a restoration is.
   *
   * @param restore the HostedControlPlaneRestore as last seen
   * @param progress how far it is
   */
  record ReportRestore(HostedControlPlaneRestore restore, RestoreProgress progress)
      implements Action {}

  /**
   * Ask for a restoration, unless that was done already.
   *
   * @param restore the HostedControlPlaneRestore
   */
  record RequestRestore(HostedControlPlaneRestore restore) implements Action {}

  /**
   * Keep these parts up in the hosted cluster.
   *
   * @param kubeconfig how the hosted cluster is reached, base64
   * @param parts all that it shall hold
   * @param enoughNodes number of ready nodes from which on the number of nodes changes nothing
   * @param reserved names and addresses of the control plane, for which no node may serve
   * @param upgrade what to find out of it before another minor version; empty if none lies ahead
   * @param trust what to find out of it while its Kubernetes CA is rotated; empty if it is not
   * @param kms whether to ask if its API servers can use key management services
   */
  record SyncWorkload(
      String kubeconfig,
      List<Part> parts,
      int enoughNodes,
      Set<String> reserved,
      Optional<UpgradeCheck> upgrade,
      Optional<TrustCheck> trust,
      boolean kms)
      implements Action {
    /** While no CA is rotated, with API servers that have no key management service. */
    public SyncWorkload(
        String kubeconfig,
        List<Part> parts,
        int enoughNodes,
        Set<String> reserved,
        Optional<UpgradeCheck> upgrade) {
      this(kubeconfig, parts, enoughNodes, reserved, upgrade, Optional.empty(), false);
    }

    /** Copies the collections. */
    public SyncWorkload {
      parts = List.copyOf(parts);
      reserved = Set.copyOf(reserved);
    }
  }

  /**
   * Have a data volume of etcd enlarged.
   *
   * @param claim its claim as last seen
   * @param size what it shall ask for, which is more
   */
  record EnlargeVolume(PersistentVolumeClaim claim, Quantity size) implements Action {}

  /**
   * Change an annotation of a pod, unless somebody has changed the pod since it was seen.
   *
   * @param pod the pod as last seen
   * @param key name of the annotation
   * @param value its value; empty for none
   */
  record Annotate(Pod pod, String key, Optional<String> value) implements Action {}

  /**
   * Look at the members of etcd from now on, and maintain them.
   *
   * @param access how they are reached
   * @param pods the pods that are ready; a change is worth a look
   * @param recorded which etcd it was when last seen in order; empty if it never was
   * @param mark what to write into the data where that is missing, unless something is recorded
   * @param maintained whether databases may be maintained: not while pods are being replaced
   * @param quota bytes that a database may take, where etcd does not say so itself
   * @param capacity bytes of the smallest volume; empty if that is not known of all
   * @param defragmented when a member was last defragmented, as far as the status says
   * @param defragmentationTried when that was last begun, as far as the status says
   * @param changes what shall become of members
   */
  record KeepEtcd(
      EtcdAccess access,
      ReadyPods pods,
      Optional<EtcdIdentity> recorded,
      String mark,
      boolean maintained,
      long quota,
      OptionalLong capacity,
      Optional<Instant> defragmented,
      Optional<Instant> defragmentationTried,
      MemberChanges changes)
      implements Action {}
}

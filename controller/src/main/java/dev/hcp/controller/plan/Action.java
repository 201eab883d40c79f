package dev.hcp.controller.plan;

import dev.hcp.api.capi.ContractReference;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import java.util.List;
import java.util.Set;

/** Something to do that is more than applying or deleting a generated object. */
public sealed interface Action {
  /** Make service-account keys and store them, unless somebody did meanwhile. */
  record CreateServiceAccountKeys() implements Action {}

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
   * Keep these parts up in the hosted cluster.
   *
   * @param kubeconfig how the hosted cluster is reached, base64
   * @param parts all that it shall hold
   * @param enoughNodes number of ready nodes from which on the number of nodes changes nothing
   * @param reserved names and addresses of the control plane, for which no node may serve
   */
  record SyncWorkload(String kubeconfig, List<Part> parts, int enoughNodes, Set<String> reserved)
      implements Action {
    /** Copies the collections. */
    public SyncWorkload {
      parts = List.copyOf(parts);
      reserved = Set.copyOf(reserved);
    }
  }
}

package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;

/**
 * What another version of a component waits for.
 *
 * @param reason for machines
 * @param until what has to happen, to follow <em>once</em>
 */
public record Waiting(Reason reason, String until) {
  /** API servers wait for etcd. */
  public static final Waiting FOR_ETCD = new Waiting(Reason.WAITING_FOR_ETCD, "etcd is settled");

  /** What follows the API servers waits for all of them. */
  public static final Waiting FOR_API_SERVERS =
      new Waiting(Reason.WAITING_FOR_API_SERVERS, "all API servers serve it");
}

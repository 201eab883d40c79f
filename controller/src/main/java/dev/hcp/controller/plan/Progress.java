package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the rotation of a key or CA is.
 *
 * @param credential which
 * @param phase what is done
 * @param request the request that is being met, or that was met last
 * @param waitingFor what has to happen next, in words; empty if nothing
 * @param started when it was begun; empty if it is completed, or has just been requested
 */
public record Progress(
    Credential credential,
    Phase phase,
    Optional<String> request,
    Optional<String> waitingFor,
    Optional<Instant> started) {

  /** What is rotated. */
  public enum Credential {
    /** That by which API servers encrypt what they store. */
    ENCRYPTION_KEY("EncryptionKey"),
    /** That by which tokens of service accounts are signed. */
    SERVICE_ACCOUNT_KEY("ServiceAccountKey"),
    /** The CA of servers and clients of Kubernetes. */
    KUBERNETES_CA("KubernetesCA"),
    /** The CA of etcd. */
    ETCD_CA("EtcdCA"),
    /** The CA of API servers as clients of aggregated API servers. */
    FRONT_PROXY_CA("FrontProxyCA");

    private final String value;

    Credential(String value) {
      this.value = value;
    }

    /** As it stands in the status. */
    public String value() {
      return value;
    }
  }

  /** Phases of a rotation, in their order. */
  public enum Phase {
    /** The new key is being made known; it can still be called off. */
    PREPARE("Prepare", Reason.PREPARING_KEY),
    /** The new key is being used, the old one is still needed. */
    SWITCH("Switch", Reason.SWITCHING_KEY),
    /** The old key goes. */
    RETIRE("Retire", Reason.RETIRING_KEY),
    /** Only the new key is left. */
    COMPLETED("Completed", Reason.NOT_ROTATING);

    private final String value;
    private final Reason reason;

    Phase(String value, Reason reason) {
      this.value = value;
      this.reason = reason;
    }

    /** As it stands in the status. */
    public String value() {
      return value;
    }

    /** Reason of the condition. */
    public Reason reason() {
      return reason;
    }
  }

  /** One that waits for something. */
  public static Progress waiting(
      Credential credential,
      Phase phase,
      Optional<String> request,
      Optional<Instant> started,
      String waitingFor) {
    return new Progress(credential, phase, request, Optional.of(waitingFor), started);
  }

  /** One that has come to its end. */
  public static Progress completed(Credential credential, Optional<String> request) {
    return new Progress(credential, Phase.COMPLETED, request, Optional.empty(), Optional.empty());
  }

  /** Whether there is something to do still. */
  public boolean isUnderWay() {
    return phase != Phase.COMPLETED;
  }
}

package dev.hcp.controller.plan;

/** As whom a store is asked. */
public sealed interface StoreCredentials {
  /**
   * By an access key.
   *
   * @param accessKeyId who asks
   * @param secretAccessKey what proves that
   */
  record AccessKey(String accessKeyId, String secretAccessKey) implements StoreCredentials {
    @Override
    public String describe() {
      return "access key " + accessKeyId;
    }

    /** Without the secret, which must not get into a log. */
    @Override
    public String toString() {
      return describe();
    }
  }

  /**
   * As a role that the controller assumes by the token of its service account.
   *
   * @param role ARN of the role
   * @param session what the role is used for, as the store's own log has it
   */
  record WebIdentity(String role, String session) implements StoreCredentials {
    /** Longest name that AWS takes for a session. */
    private static final int LONGEST_SESSION = 64;

    /** For the backups of one Cluster. */
    public static WebIdentity of(String role, String namespace, String cluster) {
      var session = "%s.%s".formatted(namespace, cluster);
      return new WebIdentity(
          role, session.substring(0, Math.min(session.length(), LONGEST_SESSION)));
    }

    @Override
    public String describe() {
      return "role " + role;
    }
  }

  /** As the controller itself. */
  record Controller() implements StoreCredentials {
    @Override
    public String describe() {
      return "the controller's own identity";
    }
  }

  /** Who that is, for people. */
  String describe();
}

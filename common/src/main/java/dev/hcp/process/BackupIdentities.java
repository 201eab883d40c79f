package dev.hcp.process;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Identities of the controller as which backups may be stored, and where. Whoever may write a
 * HostedControlPlane would otherwise get to every bucket that the controller gets to.
 *
 * @param rules {@code BACKUP_IDENTITIES}: who may use what; nobody anything by default
 * @param tokenFile {@code AWS_WEB_IDENTITY_TOKEN_FILE}: token of the controller's service account,
 *     by which roles are assumed; followed when it is replaced
 * @param tokenService {@code BACKUP_STS_ENDPOINT}: URL of the service that gives credentials for a
 *     token; that of AWS by default
 */
public record BackupIdentities(
    List<Rule> rules, Optional<Path> tokenFile, Optional<URI> tokenService) {
  /** What stands for the controller itself in a rule. */
  public static final String CONTROLLER = "controller";

  private static final String VARIABLE = "BACKUP_IDENTITIES";
  private static final String SERVICE_VARIABLE = "BACKUP_STS_ENDPOINT";

  /** A comma may also be part of the name of a role. */
  private static final Pattern BETWEEN = Pattern.compile("\\s+|,\\s*(?=(?:\\*|[-a-z0-9]+)=)");

  private static final String FORM =
      "a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket,"
          + " *=controller@https://s3.example.com/bucket";

  /** Nobody may use anything. */
  public static final BackupIdentities NONE =
      new BackupIdentities(List.of(), Optional.empty(), Optional.empty());

  /**
   * That one namespace may store its backups as somebody in one bucket.
   *
   * @param namespace the namespace of control planes; {@code *} for all
   * @param identity ARN of a role, or {@link #CONTROLLER}
   * @param endpoint URL of the store; empty for AWS
   * @param bucket the bucket
   */
  public record Rule(String namespace, String identity, Optional<String> endpoint, String bucket) {
    private static final Pattern FORM =
        Pattern.compile(
            "(?<namespace>\\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)="
                + "(?<identity>controller|arn:[^@\\s]+:role/\\S+)"
                + "@((?<endpoint>https?://[^/@\\s]+)/)?(?<bucket>[A-Za-z0-9][-._A-Za-z0-9]{1,62})");

    private static Rule parse(String variable, String text) {
      var form = FORM.matcher(text);
      if (!form.matches()) {
        throw Environment.refused(variable, text, BackupIdentities.FORM);
      }
      return new Rule(
          form.group("namespace"),
          form.group("identity"),
          Optional.ofNullable(form.group("endpoint")),
          form.group("bucket"));
    }

    private boolean permits(
        String asked, String as, Optional<String> askedEndpoint, String askedBucket) {
      return (namespace.equals("*") || namespace.equals(asked))
          && identity.equals(as)
          && endpoint.equals(askedEndpoint)
          && bucket.equals(askedBucket);
    }
  }

  /** Copies the list. */
  public BackupIdentities {
    rules = List.copyOf(rules);
  }

  static BackupIdentities from(Environment environment) {
    return new BackupIdentities(
        BETWEEN
            .splitAsStream(environment.text(VARIABLE, ""))
            .map(text -> text.replaceFirst(",+$", ""))
            .filter(text -> !text.isEmpty())
            .map(text -> Rule.parse(VARIABLE, text))
            .toList(),
        environment.file("AWS_WEB_IDENTITY_TOKEN_FILE"),
        Optional.of(environment.text(SERVICE_VARIABLE, ""))
            .filter(text -> !text.isEmpty())
            .map(BackupIdentities::url));
  }

  private static URI url(String text) {
    try {
      var url = new URI(text);
      if (url.getHost() != null
          && ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
          && url.getUserInfo() == null
          && url.getQuery() == null
          && url.getFragment() == null) {
        return url;
      }
    } catch (URISyntaxException _) {
      // Said below.
    }
    throw Environment.refused(
        SERVICE_VARIABLE, text, "a URL such as https://sts.eu-central-1.amazonaws.com");
  }

  /**
   * Whether backups of a control plane may be stored so.
   *
   * @param namespace namespace of the control plane
   * @param identity ARN of a role, or {@link #CONTROLLER}
   * @param endpoint URL of the store; empty for AWS
   * @param bucket the bucket
   */
  public boolean permit(
      String namespace, String identity, Optional<String> endpoint, String bucket) {
    return rules.stream().anyMatch(rule -> rule.permits(namespace, identity, endpoint, bucket));
  }
}

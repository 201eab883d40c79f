package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.store.StoreException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** Tells what kind of failure one is, in words for people. */
final class Failures {
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int INSUFFICIENT_STORAGE = 507;
  private static final int FIRST_OF_SERVER = 500;
  private static final int LONGEST_DETAIL = 300;

  private static final Set<String> WRONG_KEY =
      Set.of(
          "ExpiredToken",
          "InvalidAccessKeyId",
          "InvalidSecurity",
          "InvalidToken",
          "NotSignedUp",
          "SignatureDoesNotMatch",
          "XAdminUserNotFound");
  private static final Set<String> ELSEWHERE =
      Set.of(
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "NoSuchBucket",
          "PermanentRedirect",
          "TemporaryRedirect");
  private static final Set<String> FULL =
      Set.of(
          "InsufficientStorage",
          "QuotaExceeded",
          "StorageFull",
          "XMinioAdminBucketQuotaExceeded",
          "XMinioStorageFull");
  private static final Set<String> CHECKSUM =
      Set.of(
          "BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch");
  private static final Set<String> TIMEOUT = Set.of("RequestTimeout");
  private static final Set<String> NO_LOCKS =
      Set.of(
          "MethodNotAllowed",
          "NoSuchObjectLockConfiguration",
          "NotImplemented",
          "ObjectLockConfigurationNotFoundError");
  private static final Set<String> NO_SUCH_OBJECT = Set.of("NoSuchKey", "NoSuchUpload");

  private Failures() {}

  /**
   * What to throw for a failure.
   *
   * @param task what the store was asked for
   * @throws InterruptedException if the thread was interrupted, which is no failure of the store
   */
  static StoreException of(StoreAccess access, String task, SdkException failure)
      throws InterruptedException {
    throwIfInterrupted(task, failure);
    return failure instanceof AwsServiceException answer
        ? ofAnswer(access, task, answer)
        : ofSilence(access, task, failure);
  }

  /**
   * What to throw when there are no credentials to ask a store with.
   *
   * @throws InterruptedException if the thread was interrupted, which is no failure of anybody
   */
  static StoreException ofIdentity(StoreCredentials wanted, SdkException failure)
      throws InterruptedException {
    throwIfInterrupted("asking for credentials", failure);
    var detail =
        failure instanceof AwsServiceException answer
            ? detail(answer).strip()
            : String.valueOf(failure.getMessage());
    return new StoreException(
        Kind.NO_CREDENTIALS,
        "the controller gets no credentials of %s: %s".formatted(wanted.describe(), detail),
        failure);
  }

  /**
   * What to throw when the rest of an object does not come.
   *
   * @param task what the store was asked for
   */
  static StoreException ofRead(StoreAccess access, String task, Exception failure) {
    return ofSilence(access, task, failure);
  }

  private static void throwIfInterrupted(String task, SdkException failure)
      throws InterruptedException {
    if (failure instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      var _ = Thread.interrupted();
      var interrupted = new InterruptedException("interrupted: " + task);
      interrupted.initCause(failure);
      throw interrupted;
    }
  }

  /** Whether the failure is that an object does not exist, though its bucket does. */
  static boolean isAbsence(SdkException failure) {
    return failure instanceof AwsServiceException answer
        && answer.statusCode() == NOT_FOUND
        && (code(answer).isEmpty() || NO_SUCH_OBJECT.contains(code(answer)));
  }

  /** Whether the failure is that a bucket, or an object, has no lock. */
  static boolean isWithoutLocks(SdkException failure) {
    return failure instanceof AwsServiceException answer
        && (NO_LOCKS.contains(code(answer))
            || lock(answer).filter(kind -> kind == Kind.NO_OBJECT_LOCK).isPresent());
  }

  /** What it has to do with locks, for which stores have words but no codes. */
  private static Optional<Kind> lock(AwsServiceException answer) {
    var words = message(answer).toLowerCase(Locale.ROOT).replace(" ", "");
    if (words.contains("missingobjectlockconfiguration")) {
      return Optional.of(Kind.NO_OBJECT_LOCK);
    }
    return words.contains("protectedbyobjectlock")
            || words.contains("wormprotected")
            || code(answer).equals("ObjectLocked")
        ? Optional.of(Kind.LOCKED)
        : Optional.empty();
  }

  private static StoreException ofAnswer(
      StoreAccess access, String task, AwsServiceException answer) {
    var kind = lock(answer).orElseGet(() -> kind(code(answer), answer.statusCode()));
    var meaning =
        switch (kind) {
          case WRONG_KEY ->
              "does not accept %s%s"
                  .formatted(
                      access.credentials().describe(),
                      access.credentials() instanceof StoreCredentials.AccessKey
                          ? ", or its secret"
                          : "");
          case ACCESS_DENIED ->
              "does not let %s do that".formatted(access.credentials().describe());
          case BUCKET_NOT_FOUND ->
              "has no bucket %s in region %s".formatted(access.bucket(), access.region());
          case NO_OBJECT_LOCK ->
              "has no object lock for bucket %s, which spec.etcd.backup.objectLock needs"
                  .formatted(access.bucket());
          case LOCKED -> "keeps it, since it is locked";
          case FULL -> "has no room";
          case CHECKSUM -> "has received something else than what was sent";
          case TIMEOUT, UNAVAILABLE -> "has a problem";
          default -> "refuses";
        };
    return new StoreException(
        kind,
        "%s: the store %s %s%s".formatted(task, place(access), meaning, detail(answer)),
        answer);
  }

  private static StoreException ofSilence(StoreAccess access, String task, Exception failure) {
    var causes = causes(failure);
    var kind = kind(causes);
    var last = causes.getLast();
    var meaning =
        switch (kind) {
          case TLS -> "is not trusted: " + text(causes, SSLException.class, last);
          case UNKNOWN_HOST -> "has a host name that is not known";
          case CONNECTION_REFUSED -> "cannot be connected to: " + last.getMessage();
          case TIMEOUT -> "did not answer in time: " + last.getMessage();
          case CONNECTION_LOST -> "cut the connection: " + last.getMessage();
          default -> "cannot be used: %s".formatted(last.getMessage());
        };
    return new StoreException(
        kind, "%s: the store %s %s".formatted(task, place(access), meaning), failure);
  }

  private static Kind kind(String code, int status) {
    if (WRONG_KEY.contains(code) || status == 401) {
      return Kind.WRONG_KEY;
    }
    if (ELSEWHERE.contains(code)) {
      return Kind.BUCKET_NOT_FOUND;
    }
    if (FULL.contains(code) || status == INSUFFICIENT_STORAGE) {
      return Kind.FULL;
    }
    if (CHECKSUM.contains(code)) {
      return Kind.CHECKSUM;
    }
    if (TIMEOUT.contains(code)) {
      return Kind.TIMEOUT;
    }
    if (status == FORBIDDEN) {
      return Kind.ACCESS_DENIED;
    }
    return status >= FIRST_OF_SERVER || code.equals("SlowDown") ? Kind.UNAVAILABLE : Kind.OTHER;
  }

  private static Kind kind(List<Throwable> causes) {
    for (var cause : causes) {
      var kind =
          switch (cause) {
            case ApiCallTimeoutException _, ApiCallAttemptTimeoutException _ -> Kind.TIMEOUT;
            case SocketTimeoutException _ -> Kind.TIMEOUT;
            case UnknownHostException _ -> Kind.UNKNOWN_HOST;
            case ConnectException _ -> Kind.CONNECTION_REFUSED;
            case NoRouteToHostException _ -> Kind.CONNECTION_REFUSED;
            case SSLException e when isCut(e) -> Kind.CONNECTION_LOST;
            case SSLException _, CertificateException _ -> Kind.TLS;
            case IOException _ -> Kind.CONNECTION_LOST;
            default -> Kind.OTHER;
          };
      if (kind != Kind.OTHER) {
        return kind;
      }
    }
    return Kind.OTHER;
  }

  /** A connection that ends without a word is cut, whether or not it was to be encrypted. */
  private static boolean isCut(SSLException failure) {
    return causes(failure).stream()
        .skip(1)
        .anyMatch(cause -> cause instanceof IOException && !(cause instanceof SSLException));
  }

  private static List<Throwable> causes(Throwable failure) {
    var causes = new ArrayList<Throwable>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes;
  }

  private static String text(
      List<Throwable> causes, Class<? extends Throwable> type, Throwable otherwise) {
    return String.valueOf(
        causes.stream().filter(type::isInstance).findFirst().orElse(otherwise).getMessage());
  }

  private static String place(StoreAccess access) {
    return access.endpoint().orElse("AWS S3");
  }

  private static String code(AwsServiceException answer) {
    var details = answer.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }

  private static String message(AwsServiceException answer) {
    var details = answer.awsErrorDetails();
    return details == null || details.errorMessage() == null ? "" : details.errorMessage();
  }

  private static String detail(AwsServiceException answer) {
    var text =
        Stream.of("HTTP %d".formatted(answer.statusCode()), code(answer), message(answer))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    return " (%s)".formatted(text.substring(0, Math.min(text.length(), LONGEST_DETAIL)));
  }
}

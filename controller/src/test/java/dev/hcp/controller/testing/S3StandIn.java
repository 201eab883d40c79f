package dev.hcp.controller.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.hcp.controller.plan.StoreAccess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * As much of S3 as backups need, by HTTP or HTTPS on the loopback interface, with one bucket and
 * one access key. It can be told to fail, which a real server does not do on request.
 */
public final class S3StandIn implements AutoCloseable {
  /** The only bucket. */
  public static final String BUCKET = "backups";

  /** The only access key. */
  public static final String ACCESS_KEY_ID = "access-key";

  private static final String HOST = "localhost";
  private static final Pattern CREDENTIAL = Pattern.compile("Credential=([^/]+)/");

  /** What is asked for. */
  public enum Operation {
    /** Writing an object at once. */
    PUT,
    /** Reading an object. */
    GET,
    /** Removing an object. */
    DELETE,
    /** Listing objects. */
    LIST,
    /** Beginning an upload. */
    CREATE_UPLOAD,
    /** Writing a part. */
    UPLOAD_PART,
    /** Completing an upload. */
    COMPLETE_UPLOAD,
    /** Dropping an upload. */
    ABORT_UPLOAD,
    /** Listing uploads. */
    LIST_UPLOADS,
    /** Asking whether the bucket has object lock. */
    LOCKS,
    /** Asking until when an object is locked. */
    RETENTION
  }

  /**
   * A request.
   *
   * @param key name of the object, or what the names of those begin with that are listed
   * @param part number of the part; 0 if it is not about one
   */
  public record Request(Operation operation, String key, int part) {}

  /** Something that goes wrong. */
  @FunctionalInterface
  public interface Fault {
    /**
     * Deals with a request instead of the store, or does not.
     *
     * @return whether it has: nothing else happens with the exchange then
     */
    boolean strike(Request request, HttpExchange exchange) throws IOException;

    /** Answers with an error, every time that something is asked for. */
    static Fault error(Operation operation, int status, String code) {
      return (request, exchange) -> {
        if (request.operation() != operation) {
          return false;
        }
        exchange.getRequestBody().readAllBytes();
        refuse(exchange, status, code);
        return true;
      };
    }

    /** Cuts the connection, every time that something is asked for, in the middle of the body. */
    static Fault cut(Operation operation, int part) {
      return (request, exchange) -> {
        if (request.operation() != operation || request.part() != part) {
          return false;
        }
        exchange.getRequestBody().readNBytes(100_000);
        exchange.close();
        return true;
      };
    }
  }

  private record Upload(
      String key, Instant begun, Optional<Lock> lock, SortedMap<Integer, byte[]> parts) {}

  /**
   * A lock of an object.
   *
   * @param mode as the store is asked for it
   * @param until until when
   */
  public record Lock(String mode, Instant until) {}

  private final SortedMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final Map<String, Lock> locks = new ConcurrentHashMap<>();
  private volatile boolean hasLocks;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Optional<ServerPki> pki;
  private final HttpServer server;
  private volatile Fault fault = (_, _) -> false;

  private S3StandIn(Optional<ServerPki> pki) {
    this.pki = pki;
    try {
      var address = new InetSocketAddress(InetAddress.getByName(HOST), 0);
      if (pki.isPresent()) {
        var https = HttpsServer.create(address, 128);
        https.setHttpsConfigurator(new HttpsConfigurator(pki.get().serverContext()));
        server = https;
      } else {
        server = HttpServer.create(address, 128);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** By HTTP. */
  public static S3StandIn plain() {
    return new S3StandIn(Optional.empty());
  }

  /** By HTTPS, with a certificate that nobody knows. */
  public static S3StandIn encrypted() {
    return new S3StandIn(Optional.of(new ServerPki(HOST)));
  }

  /** How it is reached. */
  public StoreAccess access() {
    return access(BUCKET, ACCESS_KEY_ID);
  }

  /** How somebody would try to reach it. */
  public StoreAccess access(String bucket, String accessKeyId) {
    return new StoreAccess(
        Optional.of(
            "%s://%s:%d"
                .formatted(
                    pki.isPresent() ? "https" : "http", HOST, server.getAddress().getPort())),
        "us-east-1",
        bucket,
        "prefix",
        accessKeyId,
        "secret",
        pki.map(ServerPki::authority));
  }

  /** From now on the bucket has object lock. */
  public void allowLocks() {
    hasLocks = true;
  }

  /** Locks by name of object. */
  public Map<String, Lock> locks() {
    return new TreeMap<>(locks);
  }

  /** Puts a lock on an object, or another one. */
  public void lock(String key, Instant until) {
    locks.put(key, new Lock("GOVERNANCE", until));
  }

  /** From now on this goes wrong. */
  public void fail(Fault what) {
    fault = what;
  }

  /** From now on nothing goes wrong. */
  public void recover() {
    fault = (_, _) -> false;
  }

  /** All objects. */
  public Map<String, byte[]> objects() {
    return new TreeMap<>(objects);
  }

  /** Puts an object there. */
  public void put(String key, byte[] content) {
    objects.put(key, content);
  }

  /** Removes everything. */
  public void clear() {
    objects.clear();
    uploads.clear();
    requests.clear();
  }

  /** Number of uploads that were begun, and neither completed nor dropped. */
  public int unfinishedUploads() {
    return uploads.size();
  }

  /** Pretends that all uploads were begun at some time. */
  public void backdateUploads(Instant begun) {
    uploads.replaceAll(
        (_, upload) -> new Upload(upload.key(), begun, upload.lock(), upload.parts()));
  }

  /** What was asked for, faults included. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var query = query(exchange.getRequestURI().getRawQuery());
      var path = exchange.getRequestURI().getPath().split("/", 3);
      var request = request(exchange.getRequestMethod(), exchange.getRequestURI());
      requests.add(request);
      if (fault.strike(request, exchange)) {
        return;
      }
      var body = body(exchange);
      if (!isKnown(exchange)) {
        refuse(exchange, 403, "InvalidAccessKeyId");
      } else if (!path[1].equals(BUCKET)) {
        refuse(exchange, 404, "NoSuchBucket");
      } else if (!isIntact(exchange, body)) {
        refuse(exchange, 400, "BadDigest");
      } else if (lock(exchange).isPresent() && !hasLocks) {
        refuse(exchange, 400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
      } else {
        answer(exchange, request, query, body);
      }
    }
  }

  private void answer(
      HttpExchange exchange, Request request, Map<String, String> query, byte[] body)
      throws IOException {
    var key = request.key();
    switch (request.operation()) {
      case PUT -> {
        objects.put(key, body);
        lock(exchange).ifPresent(lock -> locks.put(key, lock));
        exchange.getResponseHeaders().add("ETag", etag(body));
        exchange.sendResponseHeaders(200, -1);
      }
      case GET -> {
        var content = objects.get(key);
        if (content == null) {
          refuse(exchange, 404, "NoSuchKey");
        } else {
          int from = from(exchange);
          int length = content.length - from;
          exchange.sendResponseHeaders(from == 0 ? 200 : 206, length == 0 ? -1 : length);
          exchange.getResponseBody().write(content, from, length);
        }
      }
      case DELETE -> {
        if (locks.containsKey(key) && locks.get(key).until().isAfter(Instant.now())) {
          refuse(
              exchange,
              403,
              "AccessDenied",
              "Access Denied because object protected by object lock.");
        } else {
          objects.remove(key);
          exchange.sendResponseHeaders(204, -1);
        }
      }
      case LOCKS -> {
        if (hasLocks) {
          say(
              exchange,
              "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>");
        } else {
          refuse(exchange, 404, "ObjectLockConfigurationNotFoundError");
        }
      }
      case RETENTION -> {
        var lock = locks.get(key);
        if (lock == null) {
          refuse(exchange, 404, "NoSuchObjectLockConfiguration");
        } else {
          say(
              exchange,
              "<Retention><Mode>%s</Mode><RetainUntilDate>%s</RetainUntilDate></Retention>"
                  .formatted(lock.mode(), lock.until()));
        }
      }
      case LIST -> list(exchange, query);
      case CREATE_UPLOAD -> {
        var id = "upload-" + requests.size();
        uploads.put(
            id, new Upload(key, Instant.now(), lock(exchange), new ConcurrentSkipListMap<>()));
        say(
            exchange,
            "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                .formatted(BUCKET, key, id));
      }
      case UPLOAD_PART -> {
        var upload = uploads.get(query.get("uploadId"));
        if (upload == null) {
          refuse(exchange, 404, "NoSuchUpload");
        } else {
          upload.parts().put(request.part(), body);
          exchange.getResponseHeaders().add("ETag", etag(body));
          exchange.sendResponseHeaders(200, -1);
        }
      }
      case COMPLETE_UPLOAD -> {
        var upload = uploads.remove(query.get("uploadId"));
        if (upload == null) {
          refuse(exchange, 404, "NoSuchUpload");
        } else {
          var whole = new ByteArrayOutputStream();
          upload.parts().values().forEach(whole::writeBytes);
          objects.put(key, whole.toByteArray());
          upload.lock().ifPresent(lock -> locks.put(key, lock));
          say(
              exchange,
              "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"
                  .formatted(BUCKET, key));
        }
      }
      case ABORT_UPLOAD -> {
        uploads.remove(query.get("uploadId"));
        exchange.sendResponseHeaders(204, -1);
      }
      case LIST_UPLOADS ->
          say(
              exchange,
              uploads.entrySet().stream()
                  .map(upload ->
                      "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                          .formatted(
                              upload.getValue().key(), upload.getKey(), upload.getValue().begun()))
                  .collect(
                      Collectors.joining(
                          "",
                          "<ListMultipartUploadsResult><Bucket>%s</Bucket><IsTruncated>false</IsTruncated>"
                              .formatted(BUCKET),
                          "</ListMultipartUploadsResult>")));
    }
  }

  /** The first byte that is asked for. */
  private static int from(HttpExchange exchange) {
    var range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
  }

  /** Two objects a page, so that there is more than one. */
  private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
    var prefix = query.getOrDefault("prefix", "");
    var after = query.getOrDefault("continuation-token", "");
    var all =
        objects.entrySet().stream()
            .filter(object -> object.getKey().startsWith(prefix))
            .filter(object -> object.getKey().compareTo(after) > 0)
            .toList();
    var page = all.stream().limit(2).toList();
    boolean more = all.size() > page.size();
    say(
        exchange,
        page.stream()
            .map(object ->
                "<Contents><Key>%s</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>%d</Size></Contents>"
                    .formatted(object.getKey(), object.getValue().length))
            .collect(
                Collectors.joining(
                    "",
                    "<ListBucketResult><Name>%s</Name><IsTruncated>%b</IsTruncated>%s"
                        .formatted(
                            BUCKET,
                            more,
                            more
                                ? "<NextContinuationToken>%s</NextContinuationToken>"
                                    .formatted(page.getLast().getKey())
                                : ""),
                    "</ListBucketResult>")));
  }

  /** What is asked for by HTTP. */
  static Request request(String method, URI uri) {
    var query = query(uri.getRawQuery());
    var path = uri.getPath().split("/", 3);
    var key = path.length > 2 ? path[2] : "";
    return new Request(
        operation(method, key, query),
        key.isEmpty() ? query.getOrDefault("prefix", "") : key,
        Integer.parseInt(query.getOrDefault("partNumber", "0")));
  }

  private static Operation operation(String method, String key, Map<String, String> query) {
    boolean upload = query.containsKey("uploadId");
    return switch (method) {
      case "PUT" -> upload ? Operation.UPLOAD_PART : Operation.PUT;
      case "POST" -> upload ? Operation.COMPLETE_UPLOAD : Operation.CREATE_UPLOAD;
      case "DELETE" -> upload ? Operation.ABORT_UPLOAD : Operation.DELETE;
      case "GET" ->
          query.containsKey("uploads")
              ? Operation.LIST_UPLOADS
              : query.containsKey("object-lock")
                  ? Operation.LOCKS
                  : query.containsKey("retention")
                      ? Operation.RETENTION
                      : key.isEmpty() ? Operation.LIST : Operation.GET;
      default -> throw new IllegalArgumentException(method);
    };
  }

  private static Optional<Lock> lock(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-amz-object-lock-mode"))
        .map(mode ->
            new Lock(
                mode,
                Instant.parse(
                    exchange.getRequestHeaders().getFirst("x-amz-object-lock-retain-until-date"))));
  }

  private static Map<String, String> query(@Nullable String text) {
    var query = new HashMap<String, String>();
    if (text != null) {
      for (var parameter : text.split("&")) {
        var parts = parameter.split("=", 2);
        query.put(
            URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
            parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    var encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    if (encoding != null && encoding.contains("aws-chunked")) {
      throw new IOException("old stores take no such bodies");
    }
    return exchange.getRequestBody().readAllBytes();
  }

  private static boolean isKnown(HttpExchange exchange) {
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    var credential = CREDENTIAL.matcher(authorization == null ? "" : authorization);
    return credential.find() && credential.group(1).equals(ACCESS_KEY_ID);
  }

  /** Bodies have a checksum, so that a store finds out what was damaged. */
  private static boolean isIntact(HttpExchange exchange, byte[] body) {
    var said = exchange.getRequestHeaders().getFirst("Content-MD5");
    if (said == null) {
      return !exchange.getRequestMethod().equals("PUT");
    }
    return said.equals(Base64.getEncoder().encodeToString(md5(body)));
  }

  private static String etag(byte[] body) {
    return "\"%s\"".formatted(HexFormat.of().formatHex(md5(body)));
  }

  private static byte[] md5(byte[] body) {
    try {
      return MessageDigest.getInstance("MD5").digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    refuse(exchange, status, code, "as told");
  }

  private static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    var text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
            .formatted(code, message)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private static void say(HttpExchange exchange, String xml) throws IOException {
    var text =
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/xml");
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
  }
}

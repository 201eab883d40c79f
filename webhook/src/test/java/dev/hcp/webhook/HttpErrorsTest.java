package dev.hcp.webhook;

import static dev.hcp.webhook.RunningWebhook.MUTATE;
import static dev.hcp.webhook.RunningWebhook.VALIDATE;
import static dev.hcp.webhook.RunningWebhook.hostedControlPlane;
import static dev.hcp.webhook.RunningWebhook.review;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.process.TestPki;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What anything else than the API server is answered. */
@Timeout(60)
class HttpErrorsTest {
  @TempDir static Path certificates;
  private static RunningWebhook webhook;
  private static TestPki pki;

  @BeforeAll
  static void start() throws Exception {
    pki = TestPki.generate("RSA", 1);
    pki.writeTo(certificates);
    webhook = RunningWebhook.start(certificates, pki);
  }

  @AfterAll
  static void stop() {
    webhook.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                            | the body is empty
          `  `                                          | the body is empty
          []                                            | the body is not a JSON object
          kind: AdmissionReview                         | the body is not a JSON object
          {                                             | the body is not JSON
          {"a":1                                        | the body is not JSON
          {"apiVersion":"admission.k8s.io/v1", x}       | the body is not JSON
          {}                                            | the body is (missing) (missing), expected admission.k8s.io/v1 AdmissionReview
          {"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"} | the body is "admission.k8s.io/v1beta1" "AdmissionReview"
          {"apiVersion":"v1","kind":"Pod"}              | the body is "v1" "Pod"
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"} | request is missing
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]} | request is missing or not an object
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}} | request.kind is missing
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"kind":{"version":"v1","kind":"A"},"operation":"EAT"}} | request.operation is "EAT", expected one of CREATE, UPDATE
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"kind":{"version":"v1","kind":"A"},"operation":"DELETE"}} | request.uid is missing
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","kind":{"version":"v1","kind":"A"},"operation":"CREATE"}} | request.object is missing
          {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","kind":{"version":"v1","kind":"A"},"operation":"UPDATE","object":{}}} | request.oldObject is missing
          """)
  void malformedReviewIsABadRequest(String body, String message) throws Exception {
    for (var path : List.of(VALIDATE, MUTATE, VALIDATE + "template")) {
      assertFailure(webhook.post(path, body), 400, message);
    }
  }

  @Test
  void excessiveStructureIsABadRequest() throws Exception {
    assertFailure(
        webhook.post(VALIDATE, "{\"a\":".repeat(5000)), 400, "nested deeper than 200 levels");
    assertFailure(
        webhook.post(VALIDATE, "{\"a\":[" + "{},".repeat(300_000) + "0]}"),
        400,
        "more than 250000 elements");
  }

  @Test
  void wrongContentType() throws Exception {
    for (var type : List.of("text/plain", "application/yaml", "application/jsonx", "")) {
      var request = webhook.request(VALIDATE).POST(BodyPublishers.ofString("{}"));
      if (!type.isEmpty()) {
        request.header("Content-Type", type);
      }
      assertFailure(webhook.send(request), 415, "content type must be application/json");
    }
    assertThat(
            webhook
                .send(
                    webhook
                        .request(VALIDATE)
                        .header("Content-Type", "Application/JSON; charset=utf-8")
                        .POST(
                            BodyPublishers.ofString(
                                review("CREATE", Map.of(), hostedControlPlane(Map.of())))))
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void tooLarge() throws Exception {
    var body = new byte[RunningWebhook.MAX_BYTES + 1];
    assertFailure(webhook.post(VALIDATE, body), 413, "larger than 1048576 bytes");

    var chunked =
        webhook
            .request(VALIDATE)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    assertFailure(webhook.send(chunked), 413, "larger than 1048576 bytes");
  }

  @Test
  void largestAllowedIsRead() throws Exception {
    var object = hostedControlPlane(Map.of());
    var annotation = "x".repeat(RunningWebhook.MAX_BYTES - 2000);
    object.put("metadata", Map.of("name", "one", "annotations", Map.of("a", annotation)));
    var chunked =
        webhook
            .request(VALIDATE)
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofInputStream(() ->
                    new ByteArrayInputStream(
                        review("CREATE", Map.of(), object).getBytes(StandardCharsets.UTF_8))));
    assertThat(webhook.send(chunked).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH"})
  void wrongMethod(String method) throws Exception {
    var answer =
        webhook.send(webhook.request(VALIDATE).method(method, BodyPublishers.ofString("{}")));
    assertFailure(answer, 405, "");
    assertThat(answer.headers().firstValue("Allow")).contains("POST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/validate", "/validate-apps-v1-deployment", "/metrics", "/healthz"})
  void unknownPath(String path) throws Exception {
    assertFailure(webhook.post(path, "{}"), 404, "");
  }

  @Test
  void bytesThatAreNoHttp() throws Exception {
    for (var bytes : List.of("\u0000\u0001rubbish\r\n\r\n", "GET / HTTP/9.9\r\n\r\n")) {
      var answer = raw(bytes);
      assertThat(answer).doesNotContain("\tat ", "Exception", "org.eclipse").hasSizeLessThan(600);
      assertThat(answer).containsPattern("^HTTP/1.1 (400|505) ").doesNotContain("Server: ");
    }
    var hugeHeader = raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
    assertThat(hugeHeader).startsWith("HTTP/1.1 431").doesNotContain("\tat ");
  }

  @Test
  void oldTlsIsRefused() throws Exception {
    try (var socket = socket()) {
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
    try (var socket = (SSLSocket) TestPki.trusting(pki).getSocketFactory().createSocket()) {
      socket.connect(new InetSocketAddress("localhost", webhook.port()));
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {"TLS_RSA_WITH_AES_128_GCM_SHA256"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
  }

  @Test
  void randomBytesNeverBreakIt() throws Exception {
    var random = new Random(20260101);
    for (int round = 0; round < 300; round++) {
      var body = new byte[random.nextInt(300)];
      random.nextBytes(body);
      if (round % 2 == 0 && body.length > 0) {
        body[0] = '{';
      }
      assertThat(webhook.post(VALIDATE, body).statusCode()).isEqualTo(400);
    }
  }

  /** Before defaulting, nobody has looked at the object: not even the schema. */
  @Test
  void whateverIsSentForDefaultingNeverBreaksIt() throws Exception {
    var random = new Random(20260102);
    for (int round = 0; round < 400; round++) {
      var object = mutilated(hostedControlPlane(Map.of()), random);
      var body =
          review("UPDATE", hostedControlPlane(Map.of()), object).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < random.nextInt(4); i++) {
        body[random.nextInt(body.length)] = (byte) "{}[]\":,0n".charAt(random.nextInt(9));
      }
      var answer = webhook.post(MUTATE, body);
      assertThat(answer.statusCode())
          .as("round %d: %s: %s", round, new String(body, StandardCharsets.UTF_8), answer.body())
          .isIn(200, 400);
    }
  }

  @Test
  void errorsAreCounted() throws Exception {
    webhook.post("/nowhere", "{}");
    assertThat(webhook.metrics()).contains("hcp_webhook_http_errors_total{code=\"404\"}");
  }

  /** Takes fields away, or gives them a value of another type, somewhere in the spec. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> mutilated(Map<String, Object> object, Random random) {
    var strange = new ArrayList<Object>(List.of("", "x", -1, 1.5, true, List.of(), Map.of()));
    strange.add(null);
    var fields =
        List.of(
            "version",
            "replicas",
            "gateway",
            "deployment",
            "etcd",
            "oidcProviders",
            "certificates",
            "kubeProxy",
            "konnectivityClient",
            "coredns");
    var spec = new LinkedHashMap<>((Map<String, Object>) object.get("spec"));
    for (int i = 0; i < random.nextInt(4); i++) {
      spec.put(
          fields.get(random.nextInt(fields.size())), strange.get(random.nextInt(strange.size())));
    }
    if (random.nextInt(4) == 0) {
      spec.remove(fields.get(random.nextInt(3)));
    }
    object.put(
        "spec", random.nextInt(10) == 0 ? strange.get(random.nextInt(strange.size())) : spec);
    if (random.nextInt(10) == 0) {
      object.put("metadata", strange.get(random.nextInt(strange.size())));
    }
    return object;
  }

  private static void assertFailure(HttpResponse<String> answer, int code, String message) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
    var status = RunningWebhook.json(answer.body());
    assertThat(status)
        .containsEntry("kind", "Status")
        .containsEntry("status", "Failure")
        .containsEntry("code", code);
    assertThat(status.get("message").toString())
        .contains(message)
        .doesNotContain("\tat ", "Exception")
        .hasSizeLessThan(300);
  }

  private static SSLSocket socket() throws IOException {
    var socket =
        (SSLSocket)
            TestPki.trusting(pki).getSocketFactory().createSocket("localhost", webhook.port());
    socket.setSoTimeout(20_000);
    socket.startHandshake();
    return socket;
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = socket()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}

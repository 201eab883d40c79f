package dev.hcp.controller.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of certificates before, while and after they should be renewed. */
final class ExpiryTest {
  private static final CertManagerCondition READY =
      new CertManagerCondition("Ready", "True", "Ready", "up to date", null);
  private static final String RENEWAL = "2026-03-01T00:00:00Z";
  private static final String EXPIRY = "2026-03-31T00:00:00Z";

  private final Scenario scenario = Scenario.named("minimal").spec("networkPolicy: {}");

  private ExpiryTest() {
    // All that are wanted, as cert-manager leaves them when it has issued them.
    for (var step : Plan.of(scenario.observation()).steps()) {
      for (var object : step.desired()) {
        if (object instanceof Certificate) {
          scenario.with(object);
          status(object.getMetadata().getName(), RENEWAL, EXPIRY, null, READY);
        }
      }
    }
  }

  private void status(
      String name,
      @Nullable String renewal,
      @Nullable String expiry,
      @Nullable Integer failures,
      CertManagerCondition... conditions) {
    scenario.edit(
        Certificate.class,
        name,
        certificate ->
            certificate.setStatus(
                new CertificateStatus(List.of(conditions), null, expiry, renewal, failures, null)));
  }

  private Plan at(String time) {
    return Plan.of(scenario.at(Instant.parse(time)).observation());
  }

  private static ConditionState condition(Plan plan, ConditionType type) {
    return plan.steps().stream()
        .map(Step::state)
        .filter(state -> state.type() == type)
        .findFirst()
        .orElseThrow();
  }

  private static CredentialStatus find(Plan plan, String name) {
    return plan.expiry().status().stream()
        .filter(status -> status.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyCertificateIsListedInOrder() {
    var status = at("2026-02-01T00:00:00Z").expiry().status();
    assertThat(status)
        .extracting(CredentialStatus::name)
        .isSorted()
        .contains("demo-ca", "demo-etcd-ca", "demo-front-proxy-ca", "demo-admin", "demo-etcd-peer");
    assertThat(status)
        .allSatisfy(one ->
            assertThat(one)
                .isEqualTo(new CredentialStatus(one.name(), true, null, null, EXPIRY, RENEWAL)));
  }

  @Test
  void whatWasNeverIssuedIsNotListed() {
    status("demo-admin", null, null, null, READY);
    scenario.without(Certificate.class, "demo-scheduler");
    assertThat(at("2026-02-01T00:00:00Z").expiry().status())
        .extracting(CredentialStatus::name)
        .doesNotContain("demo-admin", "demo-scheduler")
        .contains("demo-controller-manager");
  }

  /** A margin of an hour, or of a quarter of the time that is left where that is shorter. */
  @ParameterizedTest
  @CsvSource({
    "2026-03-01T00:00:00Z, 2026-03-31T00:00:00Z, 2026-03-01T00:59:59Z, 2026-03-01T01:00:00Z",
    "2026-03-01T00:40:00Z, 2026-03-01T01:00:00Z, 2026-03-01T00:44:59Z, 2026-03-01T00:45:00Z",
  })
  void aRenewalIsOverdueAfterAMargin(String renewal, String expiry, String before, String after) {
    status("demo-admin", renewal, expiry, null, READY);
    var early = at(before);
    assertThat(find(early, "demo-admin").ready()).isTrue();
    assertThat(early.again()).contains(Duration.ofSeconds(2));
    var late = find(at(after), "demo-admin");
    assertThat(late.ready()).isFalse();
    assertThat(late.reason()).isEqualTo("RenewalOverdue");
  }

  @Test
  void anOverdueRenewalIsNamedWithTheWordsOfCertManager() {
    status(
        "demo-admin",
        RENEWAL,
        EXPIRY,
        3,
        READY,
        new CertManagerCondition("Issuing", "False", "Failed", "the issuer is not ready", null));
    var plan = at("2026-03-01T02:00:00Z");
    var message =
        "Certificate demo-admin should have been renewed at 2026-03-01T00:00:00Z and expires at"
            + " 2026-03-31T00:00:00Z; cert-manager says, 3 failed so far: the issuer is not ready";
    assertThat(find(plan, "demo-admin"))
        .isEqualTo(
            new CredentialStatus("demo-admin", false, "RenewalOverdue", message, EXPIRY, RENEWAL));
    assertThat(find(plan, "demo-scheduler").message())
        .endsWith("cert-manager has not begun to renew it: does it run?");
    var authorities = plan.expiry().amend(done(ConditionType.CA_CERTIFICATES)).state();
    assertThat(authorities.reason()).isEqualTo(Reason.RENEWAL_OVERDUE);
    assertThat(authorities.status()).as("they are valid").isEqualTo(ConditionStatus.TRUE);
    assertThat(authorities.message()).contains("Certificate demo-ca ").doesNotContain("demo-admin");
    var leaves = condition(plan, ConditionType.CERTIFICATES);
    assertThat(leaves.reason()).isEqualTo(Reason.RENEWAL_OVERDUE);
    assertThat(leaves.message()).contains(message).doesNotContain("Certificate demo-ca ");
    var other = done(ConditionType.ETCD);
    assertThat(plan.expiry().amend(other)).isSameAs(other);
    var worse =
        new Step(
            ConditionState.not(ConditionType.CERTIFICATES, Reason.WAITING_FOR_ENDPOINT, "waits"),
            List.of());
    assertThat(plan.expiry().amend(worse)).isSameAs(worse);
  }

  @Test
  void whatHasExpiredIsNotReadyWhateverCertManagerSays() {
    status("demo-admin", RENEWAL, "2026-03-02T00:00:00Z", null, READY);
    var plan = at("2026-03-02T00:00:00Z");
    assertThat(find(plan, "demo-admin").reason()).isEqualTo("CertificateExpired");
    var condition = condition(plan, ConditionType.CERTIFICATES);
    assertThat(condition.isTrue()).isFalse();
    assertThat(condition.reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
    assertThat(condition.message())
        .startsWith("Certificate demo-admin expired at 2026-03-02T00:00:00Z; ");
  }

  @Test
  void aCertificateThatIsIssuedAnewIsNotReadyButNotOverdue() {
    status(
        "demo-admin",
        RENEWAL,
        EXPIRY,
        null,
        new CertManagerCondition("Ready", "False", "RequestChanged", "fields differ", null));
    var one = find(at("2026-02-01T00:00:00Z"), "demo-admin");
    assertThat(one.reason()).isEqualTo("CertificateNotReady");
    assertThat(one.message()).isEqualTo("Certificate demo-admin: cert-manager says: fields differ");
  }

  @Test
  void thereIsAnotherPassWhenTimeMatters() {
    assertThat(at("2026-02-28T00:00:00Z").again())
        .contains(Duration.ofDays(1).plusHours(1).plusSeconds(1));
    assertThat(at("2026-03-01T01:00:00Z").again())
        .contains(Duration.ofDays(30).minusHours(1).plusSeconds(1));
    assertThat(at("2026-04-01T00:00:00Z").again()).isEmpty();
  }

  @Test
  void timesThatNobodyCanReadAreNone() {
    status("demo-admin", "soon", EXPIRY, null, READY);
    var one = find(at("2026-03-02T00:00:00Z"), "demo-admin");
    assertThat(Optional.ofNullable(one.renewalTime())).isEmpty();
    assertThat(one.ready()).isTrue();
  }

  private static Step done(ConditionType type) {
    return new Step(ConditionState.done(type, "done"), List.of());
  }
}

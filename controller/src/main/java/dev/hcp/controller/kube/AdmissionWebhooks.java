package dev.hcp.controller.kube;

import dev.hcp.controller.kube.HostedKube.RequiredWebhook;
import dev.hcp.controller.kube.HostedKube.RequiredWebhooks;
import dev.hcp.controller.kube.HostedKube.WebhookService;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The admission webhooks of one cluster. */
final class AdmissionWebhooks {
  /** Far more than the endpoints of a Service are spread over. */
  private static final int MOST_SLICES = 1000;

  /** The API servers themselves, which have answered if anything was found at all. */
  private static final WebhookService API_SERVERS = new WebhookService("default", "kubernetes");

  private static final String EXTERNAL_NAME = "ExternalName";
  private static final String IGNORE = "Ignore";

  private final KubernetesClient client;

  AdmissionWebhooks(KubernetesClient client) {
    this.client = client;
  }

  /** What validating and mutating webhooks have in common. */
  private record Webhook(
      String name,
      @Nullable String failurePolicy,
      List<RuleWithOperations> rules,
      @Nullable WebhookClientConfig config) {
    static Webhook of(ValidatingWebhook webhook) {
      return new Webhook(
          webhook.getName(),
          webhook.getFailurePolicy(),
          webhook.getRules(),
          webhook.getClientConfig());
    }

    static Webhook of(MutatingWebhook webhook) {
      return new Webhook(
          webhook.getName(),
          webhook.getFailurePolicy(),
          webhook.getRules(),
          webhook.getClientConfig());
    }
  }

  /** As {@link HostedKube#requiredWebhooks} says. */
  RequiredWebhooks required(int most) {
    var found = new ArrayList<RequiredWebhook>();
    var cut = new ArrayList<String>();
    var configurations = client.admissionRegistration().v1();
    if (!look(
        Pages.of(configurations.validatingWebhookConfigurations()::list),
        most,
        configuration -> configuration.getWebhooks().stream().map(Webhook::of),
        found)) {
      cut.add("ValidatingWebhookConfigurations");
    }
    if (!look(
        Pages.of(configurations.mutatingWebhookConfigurations()::list),
        most,
        configuration -> configuration.getWebhooks().stream().map(Webhook::of),
        found)) {
      cut.add("MutatingWebhookConfigurations");
    }
    return new RequiredWebhooks(
        found,
        cut.isEmpty()
            ? Optional.empty()
            : Optional.of(
                "there are more %s than the %d that are looked at"
                    .formatted(String.join(" and ", cut), most)));
  }

  /** Adds to what was found; whether all configurations were looked at. */
  private static <T extends HasMetadata> boolean look(
      Pages<T> configurations,
      int most,
      Function<T, Stream<Webhook>> webhooks,
      List<RequiredWebhook> found) {
    for (int looked = 0; looked < most && configurations.hasNext(); looked++) {
      var configuration = configurations.next();
      webhooks
          .apply(configuration)
          .flatMap(webhook -> required(configuration, webhook).stream())
          .forEach(found::add);
    }
    return !configurations.hasNext();
  }

  private static Optional<RequiredWebhook> required(HasMetadata configuration, Webhook webhook) {
    var service = webhook.config() == null ? null : webhook.config().getService();
    if (service == null || IGNORE.equals(webhook.failurePolicy()) || webhook.rules().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RequiredWebhook(
            configuration.getKind(),
            configuration.getMetadata().getName(),
            webhook.name(),
            new WebhookService(service.getNamespace(), service.getName())));
  }

  /** As {@link HostedKube#unavailable} says. */
  Optional<String> unavailable(WebhookService asked) {
    var name = "Service %s/%s".formatted(asked.namespace(), asked.name());
    if (asked.equals(API_SERVERS)) {
      return Optional.empty();
    }
    var service = client.services().inNamespace(asked.namespace()).withName(asked.name()).get();
    if (service == null) {
      return Optional.of(name + " does not exist");
    }
    if (EXTERNAL_NAME.equals(service.getSpec().getType())) {
      return Optional.empty();
    }
    return hasEndpoint(asked)
        ? Optional.empty()
        : Optional.of(name + " has no endpoint that is ready");
  }

  private boolean hasEndpoint(WebhookService asked) {
    var slices =
        Pages.of(
            client
                    .discovery()
                    .v1()
                    .endpointSlices()
                    .inNamespace(asked.namespace())
                    .withLabel(Fabric8HostedKube.SERVICE_NAME, asked.name())
                ::list);
    for (int looked = 0; looked < MOST_SLICES && slices.hasNext(); looked++) {
      if (slices.next().getEndpoints().stream()
          .anyMatch(endpoint ->
              endpoint.getConditions() == null
                  || !Boolean.FALSE.equals(endpoint.getConditions().getReady()))) {
        return true;
      }
    }
    return false;
  }
}

package dev.hcp.validation;

import dev.hcp.api.v1alpha1.NetworkPolicySettings;
import java.util.HashSet;

/** Network policies: a name that no namespace can have would silently allow nothing. */
final class NetworkPolicyRules {
  private NetworkPolicyRules() {}

  static void check(Field field, NetworkPolicySettings settings) {
    var namespaces = settings.metricsNamespaces();
    if (namespaces == null) {
      return;
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < namespaces.size(); i++) {
      var element = field.at("metricsNamespaces").index(i);
      DnsNames.label(element, namespaces.get(i));
      element.require(
          seen.add(namespaces.get(i)), namespaces.get(i), "must differ from the other namespaces");
    }
  }
}

package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.model.CertificateLifetimes;
import dev.hcp.model.Lists;
import dev.hcp.naming.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Kubeconfigs for users. Nobody gets by them to be one of Kubernetes' own users: what those may do
 * no role can take from them.
 */
final class KubeconfigRules {
  private static final Pattern NAME = Pattern.compile(Kubeconfig.NAME);
  private static final Pattern SUBJECT = Pattern.compile(Kubeconfig.SUBJECT);

  private KubeconfigRules() {}

  static void check(Field field, List<Kubeconfig> entries, @Nullable Certificates certificates) {
    if (entries.size() > Kubeconfig.MOST) {
      field.reject(entries.size(), "must be at most %d kubeconfigs".formatted(Kubeconfig.MOST));
      return;
    }
    var lifetimes = CertificateRules.lifetimes(certificates);
    var names = new HashSet<String>();
    for (int i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      var element = field.index(i);
      element.at("name").require(isName(entry.name()), entry.name(), Kubeconfig.ACCEPTED_NAME);
      if (!names.add(entry.name())) {
        element
            .at("name")
            .duplicate(entry.name(), "must differ from the names of the other kubeconfigs");
      }
      checkUser(element.at("user"), entry.user());
      checkGroups(element.at("groups"), Lists.orEmpty(entry.groups()));
      checkDuration(element.at("duration"), entry.duration(), lifetimes);
    }
  }

  private static boolean isName(String name) {
    return name.length() <= Kubeconfig.LONGEST_NAME
        && NAME.matcher(name).matches()
        && !name.endsWith(Names.USER_CERTIFICATE);
  }

  private static void checkUser(Field field, String user) {
    field.require(isSubject(user), user, Kubeconfig.ACCEPTED_SUBJECT);
    field.require(
        !isReserved(user) && !Kubeconfig.RESERVED_USERS.contains(user),
        user,
        Kubeconfig.ACCEPTED_USER);
  }

  private static void checkGroups(Field field, List<String> groups) {
    if (groups.size() > Kubeconfig.MOST_GROUPS) {
      field.reject(groups.size(), "must be at most %d groups".formatted(Kubeconfig.MOST_GROUPS));
      return;
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < groups.size(); i++) {
      var group = groups.get(i);
      var element = field.index(i);
      element.require(isSubject(group), group, Kubeconfig.ACCEPTED_SUBJECT);
      element.require(!isReserved(group), group, Kubeconfig.ACCEPTED_GROUP);
      element.require(seen.add(group), group, "must differ from the other groups");
    }
  }

  private static void checkDuration(
      Field field, @Nullable String duration, Optional<CertificateLifetimes> lifetimes) {
    if (!CertificateRules.isLeafLifetime(duration)) {
      field.reject(duration, Certificates.LEAF_LIFETIME);
      return;
    }
    lifetimes
        .filter(_ -> duration != null)
        .ifPresent(of ->
            field.require(
                GoDuration.parse(String.valueOf(duration)).multipliedBy(2).compareTo(of.rootCa())
                    <= 0,
                duration,
                "must be at most half as long as the Kubernetes CA certificate, which lasts %s"
                    .formatted(GoDuration.format(of.rootCa()))));
  }

  private static boolean isSubject(String text) {
    return text.length() <= Kubeconfig.LONGEST_SUBJECT && SUBJECT.matcher(text).matches();
  }

  private static boolean isReserved(String text) {
    return Kubeconfig.RESERVED_PREFIXES.stream().anyMatch(text::startsWith);
  }
}

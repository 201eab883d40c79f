package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.EncryptionKms;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.ImageSpec;
import dev.hcp.api.v1alpha1.KmsPlugin;
import dev.hcp.api.v1alpha1.KmsPluginProbe;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Lists;
import dev.hcp.render.audit.AuditRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A key management service, and the plugin that runs beside API servers. */
final class KmsRules {
  private static final Pattern DURATION = Pattern.compile(Certificates.FORM);
  private static final int LONGEST_DURATION = 32;
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(60);

  /** The kernel takes up to 107 characters. */
  private static final int LONGEST_SOCKET = 100;

  private static final Pattern SOCKET = Pattern.compile("(/[-_A-Za-z0-9][-._A-Za-z0-9]*){2,}");
  private static final int MOST_ARGUMENTS = 200;

  /** Ports of containers that stand beside the plugin: API server, forwarder, konnectivity. */
  private static final SortedSet<Integer> TAKEN =
      new TreeSet<>(
          List.of(
              ControlPlane.API_SERVER_PORT,
              AuditRenderer.FORWARDER_PORT,
              AuditRenderer.HEALTH_PORT,
              KonnectivityRenderer.AGENT_PORT,
              KonnectivityRenderer.ADMIN_PORT,
              KonnectivityRenderer.HEALTH_PORT));

  private static final int MOST_SERVERS = 32;
  private static final int LONGEST_URL = 2048;

  private KmsRules() {}

  static void check(Field field, EncryptionKms kms) {
    DnsNames.label(field.at("name"), kms.name());
    var timeout = kms.timeout();
    field
        .at("timeout")
        .require(
            timeout == null || isTimeout(timeout),
            timeout,
            "must be a duration of 1s to 60s, for example 3s");
    checkPlugin(field.at("plugin"), kms.plugin());
  }

  private static boolean isTimeout(String text) {
    if (text.length() > LONGEST_DURATION || !DURATION.matcher(text).matches()) {
      return false;
    }
    var timeout = GoDuration.parse(text);
    return timeout.compareTo(SHORTEST_TIMEOUT) >= 0 && timeout.compareTo(LONGEST_TIMEOUT) <= 0;
  }

  private static void checkPlugin(Field field, KmsPlugin plugin) {
    checkImage(field.at("image"), plugin.image());
    checkTexts(field.at("command"), plugin.command());
    checkTexts(field.at("args"), plugin.args());
    EnvRules.check(field.at("env"), plugin.env(), EnvRules.Owner.NOBODY);
    if (plugin.resources() != null) {
      ResourceRules.check(field.at("resources"), plugin.resources());
    }
    var socket = plugin.socket();
    boolean isSocket = socket.length() <= LONGEST_SOCKET && SOCKET.matcher(socket).matches();
    var directory = isSocket ? socket.substring(0, socket.lastIndexOf('/')) : "";
    field
        .at("socket")
        .require(
            isSocket && MountRules.isFree(directory),
            socket,
            "must be the absolute path of a socket in a directory that the image does not need, at most 100 letters, digits and any of ._-/, for example /run/kmsplugin/socket.sock");
    if (plugin.mounts() != null) {
      MountRules.checkPlugin(
          field.at("mounts"), plugin.mounts(), isSocket ? directory : "/run/kmsplugin");
    }
    if (plugin.livenessProbe() != null) {
      checkProbe(field.at("livenessProbe"), plugin.livenessProbe());
    }
    checkServers(field.at("servers"), plugin.servers());
  }

  private static void checkImage(Field field, ImageSpec image) {
    ImageRules.check(field, image);
    Map.of("registry", image.registry() != null, "repository", image.repository() != null)
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(part -> !part.getValue())
        .forEach(part ->
            field.at(part.getKey()).missing("must be set: there is no default of a plugin"));
    if (image.tag() == null && image.digest() == null) {
      field.at("tag").missing("must be set, or digest: there is no default of a plugin");
    }
  }

  private static void checkTexts(Field field, @Nullable List<String> texts) {
    var all = Lists.orEmpty(texts);
    if (all.size() > MOST_ARGUMENTS) {
      field.reject(all.size(), "must be at most %d texts".formatted(MOST_ARGUMENTS));
      return;
    }
    for (int i = 0; i < all.size(); i++) {
      ControlCharacters.refuse(field.index(i), all.get(i));
    }
  }

  private static void checkProbe(Field field, KmsPluginProbe probe) {
    var path = probe.path();
    field
        .at("path")
        .require(
            path == null || (path.startsWith("/") && !ControlCharacters.isIn(path)),
            path,
            "must begin with '/', for example /healthz");
    field
        .at("port")
        .require(
            !TAKEN.contains(probe.port()),
            probe.port(),
            "must be another port: others in the pod of the API server have %s"
                .formatted(TAKEN.stream().map(String::valueOf).collect(Collectors.joining(", "))));
  }

  private static void checkServers(Field field, @Nullable List<String> servers) {
    var all = Lists.orEmpty(servers);
    if (all.size() > MOST_SERVERS) {
      field.reject(all.size(), "must be at most %d servers".formatted(MOST_SERVERS));
      return;
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < all.size(); i++) {
      var server = all.get(i);
      var element = field.index(i);
      element.require(
          server.length() <= LONGEST_URL && Urls.isHttp(server),
          server,
          "must be a URL with scheme http or https, for example https://kms.example.com");
      element.require(seen.add(server), server, "must differ from the other servers");
    }
  }
}

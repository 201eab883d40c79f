package dev.hcp.packaging;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files below {@code config/}. */
final class Manifests {
  private static final Path CONFIG = Path.of("../config");

  /** Is installed by itself, if at all. */
  static final Path MONITORING = CONFIG.resolve("monitoring");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private Manifests() {}

  /** The installed objects of one type. */
  static <T extends HasMetadata> List<T> installed(Class<T> type) {
    return files().stream()
        .filter(file -> !file.startsWith(CONFIG.resolve("samples")))
        .filter(file -> !file.startsWith(MONITORING))
        .flatMap(file -> Stream.of(read(file).split("(?m)^---$")))
        .filter(document -> document.contains("\nkind: " + HasMetadata.getKind(type) + "\n"))
        .map(document -> YAML.unmarshal(document, type))
        .toList();
  }

  /** What {@code metadata.yaml} says. */
  static Map<?, ?> releaseMetadata() {
    return YAML.unmarshal(read(CONFIG.resolve("release/metadata.yaml")), Map.class);
  }

  /** Every YAML file. */
  static List<Path> files() {
    try (var paths = Files.walk(CONFIG)) {
      return paths.filter(path -> path.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The objects in a file of monitoring, or the one document that it is. */
  static List<Map<String, Object>> monitoring(String file) {
    return Stream.of(read(MONITORING.resolve(file)).split("(?m)^---$"))
        .map(Manifests::tree)
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> tree(String document) {
    return YAML.unmarshal(document, Map.class);
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

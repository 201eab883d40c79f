package dev.hcp.hardening;

import dev.hcp.flags.Program;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process of a control plane, running or rendered.
 *
 * @param program which one
 * @param commandLine the executable and its arguments, as in {@code /proc/<pid>/cmdline}
 * @param secretFiles the files that it was given from Secrets
 */
public record ControlPlaneProcess(
    Program program, List<String> commandLine, List<SecretFile> secretFiles) {

  /** Mode of files in Secrets' volumes if nothing else is said. */
  private static final int DEFAULT_MODE = 0644;

  /** Copies the lists. */
  public ControlPlaneProcess {
    commandLine = List.copyOf(commandLine);
    secretFiles = List.copyOf(secretFiles);
  }

  /**
   * A file from a Secret.
   *
   * @param path where it is
   * @param mode permissions, as of {@code chmod}
   */
  public record SecretFile(String path, int mode) {
    /** Whether nobody may write it, and nobody but owner and group read it. */
    boolean isConfined() {
      return (mode & ~0440) == 0;
    }
  }

  /** Those of a pod, one for each of its containers that is named like a program. */
  public static List<ControlPlaneProcess> of(PodSpec pod) {
    return pod.getContainers().stream()
        .flatMap(container ->
            Arrays.stream(Program.values())
                .filter(program -> program.title().equals(container.getName()))
                .map(program -> of(program, pod, container)))
        .toList();
  }

  private static ControlPlaneProcess of(Program program, PodSpec pod, Container container) {
    var files = new ArrayList<SecretFile>();
    for (var mount : container.getVolumeMounts()) {
      pod.getVolumes().stream()
          .filter(volume -> volume.getName().equals(mount.getName()))
          .flatMap(ControlPlaneProcess::secrets)
          .map(file -> new SecretFile(mount.getMountPath() + "/" + file.path(), file.mode()))
          .forEach(files::add);
    }
    return new ControlPlaneProcess(
        program,
        Stream.concat(container.getCommand().stream(), container.getArgs().stream()).toList(),
        files);
  }

  private static Stream<SecretFile> secrets(Volume volume) {
    var secret = volume.getSecret();
    var projected = volume.getProjected();
    if (secret != null) {
      return files(secret.getItems(), secret.getDefaultMode());
    }
    return projected == null
        ? Stream.empty()
        : projected.getSources().stream()
            .map(VolumeProjection::getSecret)
            .filter(Objects::nonNull)
            .flatMap(source -> files(source.getItems(), projected.getDefaultMode()));
  }

  private static Stream<SecretFile> files(
      @Nullable List<KeyToPath> items, @Nullable Integer defaultMode) {
    int mode = Objects.requireNonNullElse(defaultMode, DEFAULT_MODE);
    return items == null || items.isEmpty()
        ? Stream.of(new SecretFile("*", mode))
        : items.stream()
            .map(item ->
                new SecretFile(item.getPath(), Objects.requireNonNullElse(item.getMode(), mode)));
  }

  /** The value of a flag, the last one if it is given more than once. */
  public Optional<String> flag(String name) {
    return commandLine.stream()
        .skip(1)
        .filter(argument -> argument.equals("--" + name) || argument.startsWith("--" + name + "="))
        .reduce((_, last) -> last)
        .map(argument ->
            argument.contains("=") ? argument.substring(argument.indexOf('=') + 1) : "true");
  }

  /** Whether a flag has this value. */
  boolean is(String name, String value) {
    return flag(name).equals(Optional.of(value));
  }

  /** Whether these flags have values. */
  boolean has(String... names) {
    return Arrays.stream(names).allMatch(name -> flag(name).filter(v -> !v.isEmpty()).isPresent());
  }

  /** Whether a flag is a list with this entry. */
  boolean lists(String name, String entry) {
    return flag(name).filter(list -> List.of(list.split(",", -1)).contains(entry)).isPresent();
  }
}

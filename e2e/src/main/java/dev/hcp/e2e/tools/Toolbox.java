package dev.hcp.e2e.tools;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.SourceTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The built binaries of the bed, each in a folder of the cache whose name depends on all that went
 * into it.
 */
public final class Toolbox {
  private static final Duration BUILD_DEADLINE = Duration.ofMinutes(30);

  private final Map<String, Path> folders;
  private final Path envoy;
  private final SourceTree source;

  private Toolbox(SourceTree source, Map<String, Path> folders, Path envoy) {
    this.source = source;
    this.folders = folders;
    this.envoy = envoy;
  }

  /** Builds what the cache does not hold yet. The first time this takes about half an hour. */
  public static Toolbox prepare(SourceTree source, Cache cache, Progress progress) {
    var goVersion = goVersion(source);
    var folders = new LinkedHashMap<String, Path>();
    for (var tool : Tool.all()) {
      folders.put(tool.name(), build(tool, source, cache, progress, goVersion));
    }
    return new Toolbox(source, Map.copyOf(folders), EnvoyWheel.binary(cache, progress));
  }

  /** The binary {@code program} of the tool {@code tool}. */
  public Path binary(String tool, String program) {
    var folder = folders.get(tool);
    if (folder == null) {
      throw new IllegalArgumentException("no tool called " + tool);
    }
    return folder.resolve(program);
  }

  /** Envoy's binary. */
  public Path envoy() {
    return envoy;
  }

  /** The pins of {@code tool}. */
  public GoModule module(String tool) {
    return new GoModule(source.tool(tool));
  }

  /** The binaries that people and kubeadm call, by the name they are called by. */
  public Map<String, Path> commands() {
    var commands = new LinkedHashMap<String, Path>();
    for (var program : List.of("kubectl", "kubeadm", "kubelet")) {
      commands.put(program, binary("k8s", program));
    }
    commands.put("clusterctl", binary("capi", "clusterctl"));
    commands.put("helm", binary("helm", "helm"));
    commands.put("etcdctl", binary("etcd", "etcdctl"));
    commands.put("etcdutl", binary("etcd", "etcdutl"));
    return commands;
  }

  /** The path of the command {@code program}; only what it comes from is built. */
  public static Path command(String program, SourceTree source, Cache cache, Progress progress) {
    var tool =
        Tool.all().stream()
            .filter(candidate -> candidate.programs().contains(program))
            .findFirst()
            .orElseThrow(() ->
                new BedException(
                    "there is no tool called '%s'; there are %s"
                        .formatted(
                            program,
                            Tool.all().stream().flatMap(t -> t.programs().stream()).toList())));
    return build(tool, source, cache, progress, goVersion(source)).resolve(program);
  }

  private static String goVersion(SourceTree source) {
    return Command.of("go", "version").in(source.tool("k8s")).output().strip();
  }

  private static Path build(
      Tool tool, SourceTree source, Cache cache, Progress progress, String goVersion) {
    var module = new GoModule(source.tool(tool.name()));
    var version = tool.stamp().isEmpty() ? "" : module.versionOf(tool.stamp());
    var flags = tool.linkerFlags(version);
    var key = key(tool, module.folder(), flags, goVersion);
    return cache.once(
        cache.entry("tools", tool.name() + "-" + key),
        partial -> {
          progress.say("building %s".formatted(String.join(", ", tool.programs())));
          Files.createDirectories(partial);
          Command.of("go", "build", "-trimpath", "-ldflags", flags, "-o", partial + "/")
              .with(tool.packages().toArray(String[]::new))
              .in(module.folder())
              .env("CGO_ENABLED", "0")
              .log(cache.logs().resolve("build-" + tool.name() + ".log"))
              .within(BUILD_DEADLINE)
              .check();
          for (var program : tool.programs()) {
            if (!Files.isExecutable(partial.resolve(program))) {
              throw new BedException(
                  "building e2e/tools/%s did not yield %s".formatted(tool.name(), program));
            }
          }
        });
  }

  private static String key(Tool tool, Path folder, String flags, String goVersion) {
    var digest = new Digest().add(goVersion).add(flags).add(String.join(" ", tool.packages()));
    try (var files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .sorted()
          .forEach(file -> digest.add(folder.relativize(file).toString()).add(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digest.key();
  }
}

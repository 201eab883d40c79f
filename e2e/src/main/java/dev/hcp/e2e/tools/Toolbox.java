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
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The built binaries of the bed, each in a folder of the cache whose name depends on all that went
 * into it.
 */
public final class Toolbox {
  private static final Duration BUILD_DEADLINE = Duration.ofMinutes(30);

  private final ConcurrentMap<String, Path> folders = new ConcurrentHashMap<>();
  private final Path envoy;
  private final SourceTree source;
  private final Cache cache;
  private final Progress progress;
  private final String goVersion;

  private Toolbox(SourceTree source, Cache cache, Progress progress) {
    this.source = source;
    this.cache = cache;
    this.progress = progress;
    this.goVersion = goVersion(source);
    this.envoy = EnvoyWheel.binary(cache, progress);
  }

  /**
   * Builds what every bed needs and the cache does not hold yet. The first time this takes about
   * half an hour.
   */
  public static Toolbox prepare(SourceTree source, Cache cache, Progress progress) {
    var toolbox = new Toolbox(source, cache, progress);
    Tool.ofEveryBed().forEach(tool -> toolbox.folder(tool.name()));
    return toolbox;
  }

  /** The binary {@code program} of the tool {@code tool}, built now if not every bed needs it. */
  public Path binary(String tool, String program) {
    return folder(tool).resolve(program);
  }

  private Path folder(String name) {
    return folders.computeIfAbsent(
        name,
        _ -> {
          var tool =
              Tool.all().stream()
                  .filter(candidate -> candidate.name().equals(name))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("no tool called " + name));
          return build(tool, source, cache, progress, goVersion);
        });
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
          var go =
              Command.of("go")
                  .in(module.folder())
                  .env("CGO_ENABLED", "0")
                  .log(cache.logs().resolve("build-" + tool.name() + ".log"))
                  .within(BUILD_DEADLINE);
          var tags = "-tags=" + String.join(",", tool.tags());
          go.with("build", "-trimpath", tags, "-ldflags", flags, "-o", partial + "/")
              .with(tool.packages().toArray(String[]::new))
              .check();
          tool.tests()
              .forEach((program, goPackage) ->
                  go.with("test", "-c", "-vet=off", "-trimpath", tags, "-ldflags", flags)
                      .with("-o", partial.resolve(program).toString(), goPackage)
                      .check());
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
    // Not added where there are none: what was built before there were any stays valid.
    if (!tool.tags().isEmpty() || !tool.tests().isEmpty()) {
      digest.add(String.join(",", tool.tags())).add(new TreeMap<>(tool.tests()).toString());
    }
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

package dev.hcp.e2e.flags;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tables of flags in the source tree. What stands in them is asked of the programs themselves:
 * small programs below {@code e2e/flags} are built with the modules of a version and print the
 * flags that are registered in them, hidden ones included.
 */
public final class FlagTables {
  private static final Duration BUILD_DEADLINE = Duration.ofHours(1);
  private static final Duration DOWNLOAD_DEADLINE = Duration.ofMinutes(10);
  private static final Pattern VERSION = Pattern.compile("v[0-9]+\\.[0-9]+\\.[0-9]+");
  private static final Pattern PART = Pattern.compile("(?m)^\\s*(?:replace )?(\\S+) => \\./");
  private static final Pattern GO = Pattern.compile("(?m)^go .*$");

  /** Files that are put into a module to get at what it does not export. */
  private static final String INSIDE = "inside";

  private final SourceTree source;
  private final Cache cache;
  private final Progress progress;

  /**
   * Does nothing yet.
   *
   * @param source where the tables are
   * @param cache where programs are built
   */
  public FlagTables(SourceTree source, Cache cache, Progress progress) {
    this.source = source;
    this.cache = cache;
    this.progress = progress;
  }

  /** Reads the flags of all versions in the tables anew. */
  public void readAll() {
    for (var module : FlagSource.values()) {
      for (var version : FlagFile.parse(table(module.programs().getFirst())).versions()) {
        read(module, version);
      }
    }
  }

  /**
   * Reads the flags of one version, which takes the place of what is known of its release.
   *
   * @param module {@code kubernetes}, {@code etcd}, {@code konnectivity} or {@code coredns}
   * @param version as {@code v1.36.3}
   */
  public void read(String module, String version) {
    read(
        FlagSource.named(module)
            .orElseThrow(() ->
                new BedException(
                    "there are no tables of '%s', only of %s"
                        .formatted(
                            module,
                            Arrays.stream(FlagSource.values())
                                .map(FlagSource::word)
                                .collect(Collectors.joining(", "))))),
        version);
  }

  private void read(FlagSource module, String version) {
    if (!VERSION.matcher(version).matches()) {
      throw new BedException("'%s' is not a version such as v1.36.3".formatted(version));
    }
    progress.say("reading the flags of %s %s".formatted(module.word(), version));
    var built = built(module, version);
    for (var program : module.programs()) {
      var flags = new TreeMap<String, String>();
      Command.of(built.resolve(program).toString())
          .output()
          .lines()
          .map(line -> line.split(" ", 2))
          .forEach(words -> flags.put(words[0], words[1]));
      write(program, FlagFile.parse(table(program)).with(version, flags).text(program));
    }
  }

  private Path built(FlagSource module, String version) {
    var folder = cache.entry("flags", "%s-%s".formatted(module.word(), version));
    FileTrees.delete(folder);
    try {
      Files.createDirectories(folder.getParent());
      FileTrees.copy(source.root().resolve("e2e/flags").resolve(module.word()), folder);
      Files.writeString(folder.resolve("go.mod"), goMod(module, version, folder));
    } catch (IOException e) {
      throw new BedException("cannot make %s: %s".formatted(folder, e.getMessage()), e);
    }
    go(folder)
        .with("build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", "bin/")
        .with(module.programs().stream().map("./"::concat).toArray(String[]::new))
        .log(cache.logs().resolve("flags-%s.log".formatted(module.word())))
        .within(BUILD_DEADLINE)
        .check();
    return folder.resolve("bin");
  }

  private String goMod(FlagSource module, String version, Path folder) throws IOException {
    var downloaded = downloaded(module, version, folder);
    var theirs = Files.readString(downloaded.goMod());
    var text = new StringBuilder("module flags\n\n");
    var go = GO.matcher(theirs);
    if (go.find()) {
      text.append(go.group()).append("\n\n");
    }
    text.append("require %s %s\n\n".formatted(module.module(), version));
    module
        .partVersion(version)
        .ifPresent(partVersion ->
            PART.matcher(theirs)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .forEach(part ->
                    text.append("replace %s => %s %s\n".formatted(part, part, partVersion))));
    var inside = folder.resolve(INSIDE);
    if (Files.exists(inside)) {
      var opened = folder.resolve("module");
      FileTrees.copy(downloaded.folder(), opened);
      FileTrees.copy(inside.resolve("."), opened.resolve("."));
      FileTrees.delete(inside);
      text.append("replace %s => ./module\n".formatted(module.module()));
    }
    return text.toString();
  }

  /** What go says of a module that it has downloaded: where its files are. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Download(@JsonProperty("Dir") Path folder, @JsonProperty("GoMod") Path goMod) {}

  private static Download downloaded(FlagSource module, String version, Path folder)
      throws IOException {
    var json =
        go(folder)
            .with("mod", "download", "-json", "%s@%s".formatted(module.module(), version))
            .within(DOWNLOAD_DEADLINE)
            .output();
    return new ObjectMapper().readValue(json, Download.class);
  }

  private static Command go(Path folder) {
    return Command.of("go").in(folder).env("CGO_ENABLED", "0");
  }

  private String table(String program) {
    var file = file(program);
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void write(String program, String text) {
    var file = file(program);
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BedException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Path file(String program) {
    return source
        .root()
        .resolve("common/src/main/resources/dev/hcp/flags")
        .resolve(program + ".txt");
  }
}

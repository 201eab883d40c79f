package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The checked-out repository: the pins are read from it, and what its build has made is installed
 * from it.
 *
 * @param root its top folder
 */
public record SourceTree(Path root) {
  private static final Pattern PROJECT_VERSION =
      Pattern.compile(
          "<artifactId>hosted-control-plane</artifactId>\\s*<version>([^<]+)</version>");

  /** The repository around the current folder, or the one the environment names. */
  public static SourceTree locate(Map<String, String> environment) {
    var start =
        Optional.ofNullable(environment.get("HCP_SOURCE"))
            .map(Path::of)
            .orElse(Path.of(""))
            .toAbsolutePath()
            .normalize();
    for (var folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("e2e/tools"))) {
        return new SourceTree(folder);
      }
    }
    throw new BedException(
        "%s is not inside the repository (no e2e/tools above it); run e2e/bed from there or set HCP_SOURCE"
            .formatted(start));
  }

  /** The folder of the tool pins called {@code name}. */
  public Path tool(String name) {
    return root.resolve("e2e/tools").resolve(name);
  }

  /** Where the build leaves the provider's release: components, metadata and chart. */
  public Path release() {
    return root.resolve("target/release");
  }

  /** The package that the build makes of the Helm chart. */
  public Path chartPackage() {
    return release().resolve("hosted-control-plane-%s.tgz".formatted(version().substring(1)));
  }

  /** Where the outcome of the conformance tests goes. */
  public Path conformance() {
    return root.resolve("target/conformance");
  }

  /** Where the report on the contract of Cluster API goes. */
  public Path contract() {
    return root.resolve("target/contract");
  }

  /** The image archive that the build of {@code module} leaves. */
  public Path imageArchive(String module) {
    return root.resolve(module).resolve("target/jib-image.tar");
  }

  /** The samples that users are shown. */
  public Path samples() {
    return root.resolve("config/samples");
  }

  /** The version of the provider, with its leading {@code v}. */
  public String version() {
    var pom = root.resolve("pom.xml");
    try {
      var match = PROJECT_VERSION.matcher(Files.readString(pom));
      if (!match.find()) {
        throw new BedException("no version of hosted-control-plane in %s".formatted(pom));
      }
      return "v" + match.group(1);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(pom, e.getMessage()), e);
    }
  }
}

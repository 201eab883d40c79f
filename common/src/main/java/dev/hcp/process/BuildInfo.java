package dev.hcp.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What was built.
 *
 * @param version the product's version
 * @param revision the source revision, {@code unknown} if the build was not told
 * @param image reference of the controller's image
 */
public record BuildInfo(String version, String revision, String image) {
  private static final String RESOURCE = "build.properties";

  /** Reads what the build wrote next to this class. */
  public static BuildInfo load() {
    try (var stream = BuildInfo.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException(
            "%s is missing from the class path: build with Maven".formatted(RESOURCE));
      }
      var properties = new Properties();
      properties.load(stream);
      return new BuildInfo(
          properties.getProperty("version", "unknown"),
          properties.getProperty("revision", "unknown"),
          properties.getProperty("image", "unknown/unknown:unknown"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }
}

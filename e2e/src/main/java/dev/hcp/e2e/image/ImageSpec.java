package dev.hcp.e2e.image;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One image to make.
 *
 * @param reference the name it is pulled by
 * @param files what it holds beyond its base: the place in the image, and the file here
 * @param entrypoint what it runs, empty if the pod says
 * @param user who it runs as, empty for root
 * @param base the archive it stands on, empty for nothing at all
 */
record ImageSpec(
    String reference,
    Map<String, Path> files,
    List<String> entrypoint,
    String user,
    Optional<Path> base) {

  ImageSpec {
    files = Map.copyOf(files);
    entrypoint = List.copyOf(entrypoint);
  }

  /** An image of nothing but a static program at {@code place}. */
  static ImageSpec of(String reference, String place, Path program) {
    return new ImageSpec(reference, Map.of(place, program), List.of(), "", Optional.empty());
  }

  ImageSpec and(String place, Path program) {
    var more = new LinkedHashMap<>(files);
    more.put(place, program);
    return new ImageSpec(reference, more, entrypoint, user, base);
  }

  ImageSpec entrypoint(String program) {
    return new ImageSpec(reference, files, List.of(program), user, base);
  }

  /** The same as a numeric user: charts that demand a user other than root cannot check a name. */
  ImageSpec nonroot() {
    return new ImageSpec(reference, files, entrypoint, "65532", base);
  }

  ImageSpec on(Path archive) {
    return new ImageSpec(reference, files, entrypoint, user, Optional.of(archive));
  }

  /** The reference as a file name. */
  String fileName() {
    return reference.replace('/', '_').replace(':', '_');
  }
}

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
 * @param arguments what it passes to the entrypoint unless the pod says
 * @param user who it runs as, empty for root
 * @param base the archive it stands on, empty for nothing at all
 */
record ImageSpec(
    String reference,
    Map<String, Path> files,
    List<String> entrypoint,
    List<String> arguments,
    String user,
    Optional<Path> base) {

  ImageSpec {
    files = Map.copyOf(files);
    entrypoint = List.copyOf(entrypoint);
    arguments = List.copyOf(arguments);
  }

  /** An image of nothing but a static program at {@code place}. */
  static ImageSpec of(String reference, String place, Path program) {
    return new ImageSpec(
        reference, Map.of(place, program), List.of(), List.of(), "", Optional.empty());
  }

  /** An image of nothing but what {@code archive} holds. */
  static ImageSpec copyOf(String reference, Path archive) {
    return new ImageSpec(reference, Map.of(), List.of(), List.of(), "", Optional.of(archive));
  }

  ImageSpec and(String place, Path program) {
    var more = new LinkedHashMap<>(files);
    more.put(place, program);
    return new ImageSpec(reference, more, entrypoint, arguments, user, base);
  }

  ImageSpec entrypoint(String program) {
    return new ImageSpec(reference, files, List.of(program), arguments, user, base);
  }

  ImageSpec arguments(String... words) {
    return new ImageSpec(reference, files, entrypoint, List.of(words), user, base);
  }

  /** The same as a numeric user: charts that demand a user other than root cannot check a name. */
  ImageSpec nonroot() {
    return user("65532");
  }

  ImageSpec user(String number) {
    return new ImageSpec(reference, files, entrypoint, arguments, number, base);
  }

  ImageSpec on(Path archive) {
    return new ImageSpec(reference, files, entrypoint, arguments, user, Optional.of(archive));
  }

  /** The reference as a file name. */
  String fileName() {
    return reference.replace('/', '_').replace(':', '_');
  }
}

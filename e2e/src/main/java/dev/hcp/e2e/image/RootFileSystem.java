package dev.hcp.e2e.image;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file system for an image, put together from single files of this machine. That keeps images to
 * the few megabytes they need: unpacking a whole distribution was what took the longest when a bed
 * came up.
 */
final class RootFileSystem {
  private static final Pattern LIBRARY = Pattern.compile("(?m)^\\s*(?:\\S+ => )?(/\\S+) \\(0x");

  private final Path root;

  RootFileSystem(Path root) {
    this.root = root;
  }

  /**
   * Copies one file of this machine, links followed, to the same place in the image, with the
   * libraries it needs.
   */
  RootFileSystem program(Path file) throws IOException {
    copy(file, file);
    return libraries(file);
  }

  /**
   * Copies {@code file} of the packages unpacked in {@code packages} to its place in the image,
   * with the libraries it needs, from there or from this machine.
   */
  RootFileSystem program(Path packages, Path file) throws IOException {
    var unpacked = packages.resolve(Path.of("/").relativize(file));
    copy(unpacked, file);
    var folders =
        "%1$s/usr/lib/x86_64-linux-gnu:%1$s/lib/x86_64-linux-gnu".formatted(packages.toString());
    var loaded = loaded(unpacked, Map.of("LD_LIBRARY_PATH", folders));
    if (loaded.contains("=> not found")) {
      throw new BedException(
          "%s needs libraries that are not there:%n%s".formatted(unpacked, loaded));
    }
    for (var library : libraries(loaded)) {
      copy(
          library,
          library.startsWith(packages)
              ? Path.of("/").resolve(packages.relativize(library))
              : library);
    }
    return this;
  }

  /**
   * Copies the shared libraries that {@code file} needs, but not the file. Those that are in the
   * image, or that nobody finds, are its own affair: it may load them by ways that only it knows.
   */
  RootFileSystem libraries(Path file) throws IOException {
    for (var library : libraries(loaded(file, Map.of()))) {
      if (!library.startsWith(root)) {
        copy(library, library);
      }
    }
    return this;
  }

  private static String loaded(Path file, Map<String, String> environment) {
    // A static program is not an error; ldd only says so and has nothing to list.
    return Command.of("ldd", file.toString()).env(environment).run().output();
  }

  private static List<Path> libraries(String loaded) {
    return LIBRARY.matcher(loaded).results().map(found -> Path.of(found.group(1))).toList();
  }

  /** Copies a file that may be read only, as one that can be run. */
  RootFileSystem script(Path file, Path target) throws IOException {
    copy(file, target);
    Files.setPosixFilePermissions(inside(target), PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  /** Copies a file of this machine, links followed, to {@code target} in the image. */
  RootFileSystem copy(Path file, Path target) throws IOException {
    var place = inside(target);
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      createParents(place);
      Files.copy(file.toRealPath(), place, StandardCopyOption.COPY_ATTRIBUTES);
    }
    return this;
  }

  /** Writes a small text file. */
  RootFileSystem text(String target, String content) throws IOException {
    var place = inside(Path.of(target));
    createParents(place);
    Files.writeString(place, content);
    return this;
  }

  /** Creates symbolic links {@code names} in {@code folder}, all to {@code target}. */
  RootFileSystem links(String folder, String target, List<String> names) throws IOException {
    for (var name : names) {
      var place = inside(Path.of(folder, name));
      createParents(place);
      if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(place, Path.of(target));
      }
    }
    return this;
  }

  /** Creates an empty folder with the given permissions. */
  RootFileSystem folder(String target, String permissions) throws IOException {
    Files.createDirectories(inside(Path.of(target)));
    return permissions(target, permissions);
  }

  /** Sets the permissions of a file or folder, in octal. */
  RootFileSystem permissions(String target, String permissions) {
    // Java cannot express the bits beyond those of owner, group and others.
    Command.of("chmod", permissions, inside(Path.of(target)).toString()).check();
    return this;
  }

  /**
   * Where {@code target} of the image is on this machine, for a program that writes there by
   * itself.
   */
  Path place(String target) throws IOException {
    var place = inside(Path.of(target));
    createParents(place);
    return place;
  }

  /** What every image has: users, name service, certificates, a temporary folder. */
  RootFileSystem basics() throws IOException {
    text(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/bin/false\n");
    text("/etc/group", "root:x:0:\nnonroot:x:65532:\n");
    text("/etc/nsswitch.conf", "hosts: files dns\n");
    folder("/tmp", "1777");
    folder("/home/nonroot", "0755");
    var certificates = certificates();
    if (certificates.isPresent()) {
      copy(certificates.get(), Path.of("/etc/ssl/certs/ca-certificates.crt"));
    }
    return this;
  }

  private static Optional<Path> certificates() {
    return Optional.of(Path.of("/etc/ssl/certs/ca-certificates.crt")).filter(Files::isRegularFile);
  }

  /** Writes the file system as a layer: the same files always make the same bytes. */
  void writeLayer(Path archive) {
    Command.of("tar", "--sort=name", "--mtime=@1", "--owner=0", "--group=0", "--numeric-owner")
        .with("--directory", root.toString(), "--create", "--file", archive.toString(), ".")
        .check();
  }

  private Path inside(Path absolute) {
    if (!absolute.isAbsolute()) {
      throw new IllegalArgumentException("not absolute: " + absolute);
    }
    return root.resolve(Path.of("/").relativize(absolute));
  }

  private static void createParents(Path place) throws IOException {
    var parent = place.getParent();
    if (parent == null) {
      throw new BedException("%s has no folder".formatted(place));
    }
    Files.createDirectories(parent);
  }
}

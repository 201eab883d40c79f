package dev.hcp.controller.backup.decrypt;

import dev.hcp.controller.backup.Decryptor;
import dev.hcp.controller.backup.EncryptionKey;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Decrypts the object of a backup. Three arguments: the file with the key, the object, and the
 * snapshot to make of it, which only appears if all of it is right.
 */
public final class Main {
  private static final int WRONG_USE = 2;
  private static final int FAILED = 1;

  private Main() {}

  /** Decrypts, and says the SHA-256 of the snapshot. */
  public static void main(String[] arguments) {
    if (arguments.length != 3) {
      System.err.println("usage: decrypt KEY-FILE BACKUP SNAPSHOT");
      System.exit(WRONG_USE);
    }
    try {
      System.out.println(
          "%s  %s"
              .formatted(
                  decrypt(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2])),
                  arguments[2]));
    } catch (IOException e) {
      System.err.println("%s: %s".formatted(arguments[1], e.getMessage()));
      System.exit(FAILED);
    }
  }

  static String decrypt(Path keyFile, Path backup, Path snapshot) throws IOException {
    var key =
        EncryptionKey.parse(Files.readAllBytes(keyFile))
            .orElseThrow(() ->
                new IOException("the key in %s is not %s".formatted(keyFile, EncryptionKey.FORM)));
    var partial = Path.of(snapshot + ".partial");
    try {
      String sha256;
      try (var in = Files.newInputStream(backup);
          var out = new BufferedOutputStream(Files.newOutputStream(partial))) {
        sha256 = Decryptor.decrypt(key, in, out);
      }
      Files.move(partial, snapshot, StandardCopyOption.REPLACE_EXISTING);
      return sha256;
    } finally {
      Files.deleteIfExists(partial);
    }
  }
}

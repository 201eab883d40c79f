package dev.hcp.e2e;

import dev.hcp.e2e.cli.Arguments;
import dev.hcp.e2e.cli.Commands;
import dev.hcp.e2e.store.Cache;

/** The command line of the test bed. */
public final class Main {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args the command and what it needs; {@code help} lists all
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      var arguments = Arguments.parse(args, System.getenv());
      return new Commands(Cache.locate(System.getenv()), Progress.onStandardError()).run(arguments);
    } catch (Arguments.Misuse e) {
      System.err.println("bed: " + e.getMessage());
      System.err.println(Arguments.USAGE);
      return MISUSED;
    } catch (BedException e) {
      System.err.println("bed: " + e.getMessage());
      return FAILED;
    }
  }
}

package dev.hcp.process;

import java.util.function.Supplier;

/** The first step of a process, before there is a log to write to. */
public final class Startup {
  private static final int REFUSED = 2;

  private Startup() {}

  /**
   * Reads the configuration, or ends the process with status 2 and the complaint as the only line
   * on standard error.
   */
  public static <T> T configuration(Supplier<T> reader) {
    try {
      return reader.get();
    } catch (ConfigurationException e) {
      System.err.println(e.getMessage());
      System.exit(REFUSED);
      throw e;
    }
  }
}

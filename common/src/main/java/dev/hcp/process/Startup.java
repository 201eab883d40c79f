package dev.hcp.process;

import org.slf4j.LoggerFactory;

/** How a process begins: either all of it works, or it ends with a status that says why not. */
public final class Startup {
  private static final int FAILED = 1;
  private static final int REFUSED = 2;

  private Startup() {}

  /** What a {@code main} method does. */
  @FunctionalInterface
  public interface Body {
    /** Reads the configuration, sets up logging and starts what then runs in threads of its own. */
    void start() throws Exception;
  }

  /**
   * Starts a process. A configuration that is refused ends it with status 2 and the complaint as
   * the only line on standard error; any other failure with status 1 and a log record.
   */
  public static void run(Body body) {
    try {
      body.start();
    } catch (ConfigurationException e) {
      System.err.println(e.getMessage());
      System.exit(REFUSED);
    } catch (Throwable e) {
      // Errors as well: threads that run already would keep half a process alive.
      LoggerFactory.getLogger(Startup.class).error("Cannot start", e);
      System.exit(FAILED);
    }
  }
}

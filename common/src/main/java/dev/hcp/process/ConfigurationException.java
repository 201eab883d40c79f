package dev.hcp.process;

/** A setting that the process refuses to start with; the message is one line for its user. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message names the setting, the refused value and what is accepted. */
  public ConfigurationException(String message) {
    super(message);
  }
}

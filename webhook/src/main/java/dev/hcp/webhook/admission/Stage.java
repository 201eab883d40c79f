package dev.hcp.webhook.admission;

import java.util.Locale;

/** When a review takes place. */
public enum Stage {
  /** Before the schema is checked: the object may be changed. */
  MUTATING("mutate"),
  /** After the schema was checked: the object may be refused. */
  VALIDATING("validate");

  private final String verb;

  Stage(String verb) {
    this.verb = verb;
  }

  String verb() {
    return verb;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.hcp.validation;

import org.jspecify.annotations.Nullable;

/**
 * Characters that the API server takes in any text, and that no container can be started with, or
 * that hide what a command line says.
 */
final class ControlCharacters {
  private ControlCharacters() {}

  /** Refuses them in what a process is given, where tabs and line breaks are text as any other. */
  static void refuse(Field field, @Nullable String text) {
    field.require(
        text == null || text.chars().noneMatch(ControlCharacters::isOutOfPlace),
        text,
        "must have no control characters but tabs and line breaks");
  }

  /** Whether a text has any. */
  static boolean isIn(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private static boolean isOutOfPlace(int character) {
    return Character.isISOControl(character)
        && character != '\t'
        && character != '\n'
        && character != '\r';
  }
}

package dev.hcp.webhook.admission;

/**
 * Bounds what a JSON text can become once it is parsed. A text of a few bytes per element, such as
 * {@code [{},{},…]}, grows to more than twenty times its size in memory; so it is not enough to
 * limit its size. This only counts and does not check the grammar, which is the parser's work.
 */
final class JsonShape {
  /** The largest object that etcd accepts, old and new, is far below this. */
  private static final int MAX_ELEMENTS = 250_000;

  private static final int MAX_DEPTH = 200;

  private JsonShape() {}

  /**
   * Refuses what is no JSON object, or nested too deep, or made of too many elements.
   *
   * @throws MalformedReviewException with the limit that was passed
   */
  static void check(byte[] json) throws MalformedReviewException {
    int start = 0;
    while (start < json.length && isWhitespace(json[start])) {
      start++;
    }
    if (start == json.length) {
      throw new MalformedReviewException("the body is empty");
    }
    if (json[start] != '{') {
      throw new MalformedReviewException("the body is not a JSON object");
    }
    count(json, start);
  }

  private static void count(byte[] json, int start) throws MalformedReviewException {
    int depth = 0;
    int elements = 0;
    boolean inString = false;
    for (int i = start; i < json.length; i++) {
      switch (json[i]) {
        case '"' -> inString = !inString;
        case '\\' -> i += inString ? 1 : 0;
        case '{', '[' -> {
          if (!inString) {
            depth++;
            elements++;
          }
        }
        case '}', ']' -> depth -= inString ? 0 : 1;
        case ',' -> elements += inString ? 0 : 1;
        default -> {}
      }
      if (depth > MAX_DEPTH) {
        throw new MalformedReviewException(
            "the body is nested deeper than %d levels".formatted(MAX_DEPTH));
      }
      if (elements > MAX_ELEMENTS) {
        throw new MalformedReviewException(
            "the body has more than %d elements".formatted(MAX_ELEMENTS));
      }
    }
  }

  private static boolean isWhitespace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }
}

package dev.hcp.validation.cel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Cuts an expression into tokens. */
final class Lexer {
  /** Longer ones kube-apiserver refuses too. */
  private static final int LONGEST = 100_000;

  private static final Pattern BLANK = Pattern.compile("[\\t \\r\\n\\f]++|//[^\\n]*+");
  private static final Pattern STRING_START =
      Pattern.compile("(?<bytes>[bB])?(?<raw>[rR])?(?<quote>\"\"\"|'''|\"|')");
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\(?:[abfnrtv\"'\\\\?`]|[0-3][0-7]{2}|[xX]\\p{XDigit}{2}"
              + "|u\\p{XDigit}{4}|U\\p{XDigit}{8})");
  private static final Pattern NUMBER =
      Pattern.compile(
          "0x\\p{XDigit}++[uU]?"
              + "|\\d++(?:\\.\\d++(?:[eE][+-]?\\d++)?|[eE][+-]?\\d++|[uU])?"
              + "|\\.\\d++(?:[eE][+-]?\\d++)?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*+");
  private static final Pattern SYMBOL =
      Pattern.compile("==|!=|<=|>=|&&|\\|\\||[-\\[\\]{}().,!?:+*/%<>]");

  /** Kinds of tokens. */
  enum Kind {
    /** A string. */
    STRING,
    /** Bytes. */
    BYTES,
    /** A number. */
    NUMBER,
    /** A name or keyword. */
    NAME,
    /** Punctuation. */
    SYMBOL,
    /** Nothing more. */
    END
  }

  /**
   * A token.
   *
   * @param text as it stands there; a string without its quotes
   * @param position of the first character, counted from 1
   */
  record Token(Kind kind, String text, int position) {}

  private final String expression;
  private final List<Token> tokens = new ArrayList<>();
  private int position;

  private Lexer(String expression) {
    this.expression = expression;
  }

  static List<Token> tokens(String expression) throws CelException {
    if (expression.length() > LONGEST) {
      throw new CelException("it is longer than %d characters".formatted(LONGEST));
    }
    var lexer = new Lexer(expression);
    while (lexer.position < expression.length()) {
      lexer.token();
    }
    lexer.tokens.add(new Token(Kind.END, "the end", expression.length() + 1));
    return lexer.tokens;
  }

  private void token() throws CelException {
    if (length(BLANK) > 0) {
      position += length(BLANK);
    } else if (length(STRING_START) > 0) {
      string();
    } else if (length(NUMBER) > 0) {
      add(Kind.NUMBER, length(NUMBER));
    } else if (length(NAME) > 0) {
      add(Kind.NAME, length(NAME));
    } else if (length(SYMBOL) > 0) {
      add(Kind.SYMBOL, length(SYMBOL));
    } else {
      throw new CelException(
          "unexpected '%s' at position %d"
              .formatted(Character.toString(expression.codePointAt(position)), position + 1));
    }
  }

  private void string() throws CelException {
    var start = STRING_START.matcher(expression).region(position, expression.length());
    var _ = start.lookingAt();
    var quote = start.group("quote");
    int from = start.end();
    int at = from;
    while (!expression.startsWith(quote, at)) {
      at += characterLength(at, start.group("raw") != null, quote.length() == 1);
    }
    tokens.add(
        new Token(
            start.group("bytes") == null ? Kind.STRING : Kind.BYTES,
            expression.substring(from, at),
            position + 1));
    position = at + quote.length();
  }

  private int characterLength(int at, boolean raw, boolean oneLine) throws CelException {
    if (at == expression.length()
        || (oneLine && (expression.charAt(at) == '\n' || expression.charAt(at) == '\r'))) {
      throw new CelException(
          "the string that begins at position %d does not end".formatted(position + 1));
    }
    if (raw || expression.charAt(at) != '\\') {
      return 1;
    }
    var escape = ESCAPE.matcher(expression).region(at, expression.length());
    if (!escape.lookingAt()) {
      throw new CelException("unknown escape sequence at position %d".formatted(at + 1));
    }
    return escape.end() - at;
  }

  private void add(Kind kind, int length) {
    tokens.add(new Token(kind, expression.substring(position, position + length), position + 1));
    position += length;
  }

  /** How much of what comes next a pattern matches; 0 if it does not. */
  private int length(Pattern pattern) {
    var matcher = pattern.matcher(expression).region(position, expression.length());
    return matcher.lookingAt() ? matcher.end() - position : 0;
  }
}

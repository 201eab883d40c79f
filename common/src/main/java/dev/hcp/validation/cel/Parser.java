package dev.hcp.validation.cel;

import dev.hcp.validation.cel.Lexer.Kind;
import dev.hcp.validation.cel.Lexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads an expression, by the grammar of the language. */
final class Parser {
  private static final Set<String> RESERVED =
      Set.of(
          "as",
          "break",
          "const",
          "continue",
          "else",
          "false",
          "for",
          "function",
          "if",
          "import",
          "in",
          "let",
          "loop",
          "namespace",
          "null",
          "package",
          "return",
          "true",
          "var",
          "void",
          "while");
  private static final Set<String> LITERALS = Set.of("true", "false", "null");
  private static final Set<String> RELATIONS = Set.of("<", "<=", ">=", ">", "==", "!=", "in");

  /** Operators by how tightly they bind, the loosest first. */
  private static final List<Set<String>> BINARY =
      List.of(Set.of("||"), Set.of("&&"), RELATIONS, Set.of("+", "-"), Set.of("*", "/", "%"));

  /** Nested more deeply, kube-apiserver refuses an expression. */
  private static final int DEEPEST = 250;

  private final List<Token> tokens;
  private int next;
  private int depth;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  static Expression parse(String text) throws CelException {
    var parser = new Parser(Lexer.tokens(text));
    var expression = parser.expression();
    if (parser.peek().kind() != Kind.END) {
      throw parser.unexpected();
    }
    return expression;
  }

  private Expression expression() throws CelException {
    if (++depth > DEEPEST) {
      throw tooDeep();
    }
    var condition = binary(0);
    if (accept("?")) {
      var yes = binary(0);
      expect(":");
      var no = expression();
      depth--;
      return new Expression.Conditional(condition, yes, no);
    }
    depth--;
    return condition;
  }

  private Expression binary(int level) throws CelException {
    if (level == BINARY.size()) {
      return unary();
    }
    var first = binary(level + 1);
    if (!isOperator(BINARY.get(level))) {
      return first;
    }
    // All operators of a level give the same type, so a chain of them is one call of the first.
    var operator = peek().text();
    var operands = new ArrayList<>(List.of(first));
    while (isOperator(BINARY.get(level))) {
      next++;
      operands.add(binary(level + 1));
    }
    return new Expression.Call(null, operator, operands);
  }

  private boolean isOperator(Set<String> operators) {
    var token = peek();
    return (token.kind() == Kind.SYMBOL || token.kind() == Kind.NAME)
        && operators.contains(token.text());
  }

  private Expression unary() throws CelException {
    for (var operator : List.of("!", "-")) {
      if (accept(operator)) {
        while (accept(operator)) {
          // Repeated: the type stays the same.
        }
        return new Expression.Call(null, operator.equals("!") ? "!" : "negate", List.of(member()));
      }
    }
    return member();
  }

  private Expression member() throws CelException {
    var result = primary();
    for (int length = 0; length < DEEPEST; length++) {
      if (accept(".")) {
        result = selection(result);
      } else if (accept("[")) {
        boolean optional = accept("?");
        var index = expression();
        expect("]");
        result = new Expression.Index(result, index, optional);
      } else if (isName(result) && accept("{")) {
        result = new Expression.MapOf(entries());
      } else {
        return result;
      }
    }
    throw tooDeep();
  }

  private Expression selection(Expression operand) throws CelException {
    boolean optional = accept("?");
    var token = peek();
    if (token.kind() != Kind.NAME || token.text().equals("in")) {
      throw unexpected();
    }
    next++;
    return !optional && accept("(")
        ? new Expression.Call(operand, token.text(), list(")"))
        : new Expression.Select(operand, token.text(), optional);
  }

  private Expression primary() throws CelException {
    var token = peek();
    return switch (token.kind()) {
      case STRING, BYTES, NUMBER -> {
        next++;
        yield new Expression.Constant(Type.OTHER, token.text());
      }
      case NAME -> name();
      case SYMBOL ->
          switch (token.text()) {
            case "(" -> {
              next++;
              var nested = expression();
              expect(")");
              yield nested;
            }
            case "[" -> {
              next++;
              yield new Expression.ListOf(list("]"));
            }
            case "{" -> {
              next++;
              yield new Expression.MapOf(entries());
            }
            case "." -> {
              next++;
              yield name();
            }
            default -> throw unexpected();
          };
      case END -> throw unexpected();
    };
  }

  private Expression name() throws CelException {
    var token = peek();
    boolean isLiteral = LITERALS.contains(token.text());
    if (token.kind() != Kind.NAME || (RESERVED.contains(token.text()) && !isLiteral)) {
      throw unexpected();
    }
    next++;
    if (isLiteral) {
      return new Expression.Constant(
          token.text().equals("null") ? Type.OTHER : Type.BOOL, token.text());
    }
    return accept("(")
        ? new Expression.Call(null, token.text(), list(")"))
        : new Expression.Identifier(token.text());
  }

  /** Expressions up to a closing bracket; lists may have a comma before it. */
  private List<Expression> list(String end) throws CelException {
    var elements = new ArrayList<Expression>();
    while (!accept(end)) {
      if (end.equals("]")) {
        var _ = accept("?");
      }
      elements.add(expression());
      if (!isSymbol(end)) {
        expect(",");
        if (end.equals(")") && isSymbol(end)) {
          throw unexpected();
        }
      }
    }
    return elements;
  }

  private List<Expression> entries() throws CelException {
    var all = new ArrayList<Expression>();
    while (!accept("}")) {
      var _ = accept("?");
      all.add(expression());
      expect(":");
      all.add(expression());
      if (!isSymbol("}")) {
        expect(",");
      }
    }
    return all;
  }

  private static boolean isName(Expression expression) {
    return expression instanceof Expression.Identifier
        || (expression instanceof Expression.Select select
            && !select.optional()
            && isName(select.operand()));
  }

  private boolean isSymbol(String symbol) {
    return peek().kind() == Kind.SYMBOL && peek().text().equals(symbol);
  }

  private boolean accept(String symbol) {
    if (isSymbol(symbol)) {
      next++;
      return true;
    }
    return false;
  }

  private void expect(String symbol) throws CelException {
    if (!accept(symbol)) {
      throw new CelException(
          "expected '%s' at position %d but found %s"
              .formatted(symbol, peek().position(), describe(peek())));
    }
  }

  private Token peek() {
    return tokens.get(next);
  }

  private static CelException tooDeep() {
    return new CelException("it is nested more than %d levels deep".formatted(DEEPEST));
  }

  private CelException unexpected() {
    return new CelException(
        peek().kind() == Kind.END
            ? "it ends at position %d, where more is needed".formatted(peek().position())
            : "unexpected %s at position %d".formatted(describe(peek()), peek().position()));
  }

  private static String describe(Token token) {
    return token.kind() == Kind.END ? token.text() : "'%s'".formatted(token.text());
  }
}

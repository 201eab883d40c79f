package dev.hcp.validation.cel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed expression. Operators are calls of functions without a target. */
sealed interface Expression {
  /** A constant. */
  record Constant(Type type, String text) implements Expression {}

  /** The name of a variable, or the beginning of a longer name. */
  record Identifier(String name) implements Expression {}

  /** A field of an object or an entry of a map. */
  record Select(Expression operand, String field, boolean optional) implements Expression {}

  /** An element of a list or an entry of a map. */
  record Index(Expression operand, Expression index, boolean optional) implements Expression {}

  /**
   * A call.
   *
   * @param target what the function is called on; null if on nothing
   */
  record Call(@Nullable Expression target, String function, List<Expression> arguments)
      implements Expression {}

  /** A condition and the values of both its outcomes. */
  record Conditional(Expression condition, Expression yes, Expression no) implements Expression {}

  /** A list. */
  record ListOf(List<Expression> elements) implements Expression {}

  /** A map, or an object of a named type; keys and values take turns. */
  record MapOf(List<Expression> keysAndValues) implements Expression {}
}

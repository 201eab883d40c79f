package dev.hcp.validation.cel;

/** What is known of the type of an expression before it is evaluated. */
enum Type {
  /** A value of any type, as claims are: it has to be compared or converted. */
  ANY,
  /** A value of any type that may be used as if it had the right one. */
  DYNAMIC,
  /** Perhaps a value of any type. */
  OPTIONAL_ANY,
  /** Perhaps a value that may be used as if it had the right type. */
  OPTIONAL_DYNAMIC,
  /** True or false. */
  BOOL,
  /** A list. */
  LIST,
  /** A map. */
  MAP,
  /** A string, number, time or anything else that is neither true nor false. */
  OTHER,
  /** Not known. */
  UNKNOWN
}

package dev.hcp.validation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field that is being checked, and the errors that were found so far in the whole object.
 *
 * @param path path of the field
 * @param errors collects; shared by all fields of an object
 */
record Field(String path, List<FieldError> errors) {

  /** The top of an object without errors so far. */
  static Field root(String path) {
    return new Field(path, new ArrayList<>());
  }

  /** A field of this one. */
  Field at(String name) {
    return new Field(path + "." + name, errors);
  }

  /** An entry of this map. */
  Field key(String key) {
    return new Field("%s[%s]".formatted(path, key), errors);
  }

  /** An element of this list. */
  Field index(int index) {
    return new Field("%s[%d]".formatted(path, index), errors);
  }

  /** Records that this field is wrong. */
  void reject(@Nullable Object value, String accepted) {
    errors.add(new FieldError(path, value, accepted));
  }

  /** Records that something must be here. */
  void missing(String accepted) {
    errors.add(new FieldError(path, null, accepted, FieldError.Reason.REQUIRED));
  }

  /** Records that something else has the value of this field already. */
  void duplicate(Object value, String accepted) {
    errors.add(new FieldError(path, value, accepted, FieldError.Reason.DUPLICATE));
  }

  /** Records that nothing may be written here. */
  void forbid(String accepted) {
    errors.add(new FieldError(path, null, accepted, FieldError.Reason.FORBIDDEN));
  }

  /** Records that this field is wrong unless a condition holds. */
  void require(boolean condition, @Nullable Object value, String accepted) {
    if (!condition) {
      reject(value, accepted);
    }
  }
}

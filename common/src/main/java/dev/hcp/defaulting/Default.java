package dev.hcp.defaulting;

/**
 * A value to write, as the operation {@code add} of a JSON patch, which also replaces.
 *
 * @param pointer JSON pointer (RFC 6901) of a member of an object that exists
 * @param value the value
 */
public record Default(String pointer, Object value) {}

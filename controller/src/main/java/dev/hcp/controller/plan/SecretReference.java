package dev.hcp.controller.plan;

/**
 * A Secret that a spec names.
 *
 * @param namespace its namespace
 * @param name its name
 */
public record SecretReference(String namespace, String name) {}

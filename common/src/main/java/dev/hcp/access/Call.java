package dev.hcp.access;

/**
 * What a caller asks of a process, as the API server is asked whether it may.
 *
 * @param verb the HTTP method in lower case, such as {@code get}
 * @param path such as {@code /metrics}
 * @param role the ClusterRole of the release that lets callers do that
 */
public record Call(String verb, String path, String role) {}

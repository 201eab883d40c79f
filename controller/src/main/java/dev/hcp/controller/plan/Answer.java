package dev.hcp.controller.plan;

/**
 * What an API server answered through its public endpoint.
 *
 * @param ready whether it said that it is ready
 * @param detail what it said else, or why there was no answer
 */
public record Answer(boolean ready, String detail) {}

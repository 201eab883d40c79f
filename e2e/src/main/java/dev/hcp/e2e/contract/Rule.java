package dev.hcp.e2e.contract;

/**
 * One rule of the contract, without what it takes to try it.
 *
 * @param id what it is called in reports; stable
 * @param level how much Cluster API relies on it
 * @param text what it wants, in a sentence
 */
public record Rule(String id, Level level, String text) {}

package dev.hcp.controller.memory;

/**
 * A writing request of the product.
 *
 * @param verb what is done
 * @param object kind and name of what it is done to
 */
public record Request(String verb, String object) {
  @Override
  public String toString() {
    return verb + " " + object;
  }
}

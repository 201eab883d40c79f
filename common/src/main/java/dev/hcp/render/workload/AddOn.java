package dev.hcp.render.workload;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.stream.Stream;

/**
 * The objects of an add-on of the hosted cluster.
 *
 * @param desired objects that shall exist
 * @param absent objects that shall not
 */
public record AddOn(List<HasMetadata> desired, List<HasMetadata> absent) {
  /** Copies the lists. */
  public AddOn {
    desired = List.copyOf(desired);
    absent = List.copyOf(absent);
  }

  /** The add-on without any of its objects. */
  AddOn disabled() {
    return new AddOn(List.of(), Stream.concat(desired.stream(), absent.stream()).toList());
  }
}

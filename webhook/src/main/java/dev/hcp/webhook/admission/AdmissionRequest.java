package dev.hcp.webhook.admission;

import java.util.Map;

/**
 * The part of an AdmissionReview's request that an answer depends on. Objects are as they were
 * sent, with every field, also those that this build does not know.
 *
 * @param uid identifies the request; the answer repeats it
 * @param apiVersion group and version of the object
 * @param kind kind of the object
 * @param operation what is being done
 * @param subresource {@code status} and so on; empty for the object itself
 * @param namespace the object's namespace
 * @param name the object's name; empty while it is still to be generated
 * @param dryRun whether nothing is to be stored
 * @param object the object as it will be; empty for a deletion
 * @param oldObject the object as it is; empty for a creation
 */
record AdmissionRequest(
    String uid,
    String apiVersion,
    String kind,
    Operation operation,
    String subresource,
    String namespace,
    String name,
    boolean dryRun,
    Map<String, Object> object,
    Map<String, Object> oldObject) {

  /** Whether the object is on its way out, so that nothing may hold it up. */
  boolean isBeingDeleted() {
    return object.get("metadata") instanceof Map<?, ?> metadata
        && metadata.get("deletionTimestamp") != null;
  }
}

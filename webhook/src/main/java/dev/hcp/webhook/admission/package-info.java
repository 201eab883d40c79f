/**
 * What the API server asks and gets answered: the AdmissionReview codec, defaulting as a JSON patch
 * of the object as it was sent, and validation. Knows nothing of HTTP and talks to no cluster.
 */
@NullMarked
package dev.hcp.webhook.admission;

import org.jspecify.annotations.NullMarked;

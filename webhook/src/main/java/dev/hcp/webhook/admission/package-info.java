/**
 * What the API server asks and gets answered: the AdmissionReview codec, defaulting as a JSON patch
 * of the object as it was sent, and validation, alone and among other objects. Knows nothing of
 * HTTP and talks to no cluster: other objects are seen through a {@link
 * dev.hcp.webhook.admission.Lookup}.
 */
@NullMarked
package dev.hcp.webhook.admission;

import org.jspecify.annotations.NullMarked;

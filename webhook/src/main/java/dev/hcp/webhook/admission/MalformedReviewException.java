package dev.hcp.webhook.admission;

/** A request body that is no AdmissionReview; the message says why, for the sender. */
public final class MalformedReviewException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedReviewException(String message) {
    super(message);
  }
}

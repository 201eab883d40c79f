package dev.hcp.webhook.admission;

/** What is being done to the object, as the API server names it. */
enum Operation {
  CREATE,
  UPDATE,
  DELETE,
  CONNECT
}

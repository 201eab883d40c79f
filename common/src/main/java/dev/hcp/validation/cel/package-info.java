/**
 * A check of expressions of the Common Expression Language over the claims of a token. It finds
 * what surely keeps kube-apiserver from taking an expression, and lets pass what it cannot decide.
 * The whole language with all functions of Kubernetes would take more memory than a webhook has.
 */
@NullMarked
package dev.hcp.validation.cel;

import org.jspecify.annotations.NullMarked;

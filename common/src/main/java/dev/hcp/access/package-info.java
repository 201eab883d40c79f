/**
 * Who may read what a process serves: the management cluster's API server says who callers are and
 * what they may do. Answers are kept for a while, so that neither many callers nor an API server
 * that is away for a moment matter.
 */
@NullMarked
package dev.hcp.access;

import org.jspecify.annotations.NullMarked;

/** What is recorded of requests, and where that goes. */
@NullMarked
package dev.hcp.controller.audit;

import org.jspecify.annotations.NullMarked;

/** What is shipped for admission, and how it reads the cluster, against a real API server. */
@NullMarked
package dev.hcp.controller.admission;

import org.jspecify.annotations.NullMarked;

/** The store in which backups are kept. Knows nothing of what is in them. */
@NullMarked
package dev.hcp.controller.store;

import org.jspecify.annotations.NullMarked;

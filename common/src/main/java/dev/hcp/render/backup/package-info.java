/** The pod in which a backup is restored for a test, and what it needs. */
@NullMarked
package dev.hcp.render.backup;

import org.jspecify.annotations.NullMarked;

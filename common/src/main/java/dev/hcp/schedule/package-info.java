/** When backups are due. */
@NullMarked
package dev.hcp.schedule;

import org.jspecify.annotations.NullMarked;

/** Checks of {@code config/}: what is shipped must fit together before anyone installs it. */
@NullMarked
package dev.hcp.packaging;

import org.jspecify.annotations.NullMarked;

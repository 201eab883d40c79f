/** Every name and label of a generated object. */
@NullMarked
package dev.hcp.naming;

import org.jspecify.annotations.NullMarked;

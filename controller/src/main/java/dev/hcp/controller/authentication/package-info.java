/** Which tokens hosted clusters accept besides their own. */
@NullMarked
package dev.hcp.controller.authentication;

import org.jspecify.annotations.NullMarked;

/** Which network policies there shall be, of which kind, and whether they are in force. */
@NullMarked
package dev.hcp.controller.networkpolicy;

import org.jspecify.annotations.NullMarked;

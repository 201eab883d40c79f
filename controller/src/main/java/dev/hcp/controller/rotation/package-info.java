/** How far keys and CAs are rotated that users asked to be replaced. */
@NullMarked
package dev.hcp.controller.rotation;

import org.jspecify.annotations.NullMarked;

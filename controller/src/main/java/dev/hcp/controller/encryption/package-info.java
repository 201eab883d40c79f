/** Encryption of what hosted API servers store: keys, and who may write by them. */
@NullMarked
package dev.hcp.controller.encryption;

import org.jspecify.annotations.NullMarked;

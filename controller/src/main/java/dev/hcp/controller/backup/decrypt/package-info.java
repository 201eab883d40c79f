/** A program for people: it decrypts a backup. */
@NullMarked
package dev.hcp.controller.backup.decrypt;

import org.jspecify.annotations.NullMarked;

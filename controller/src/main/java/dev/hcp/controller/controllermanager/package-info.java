/** The controller-manager: what of it runs. */
@NullMarked
package dev.hcp.controller.controllermanager;

import org.jspecify.annotations.NullMarked;

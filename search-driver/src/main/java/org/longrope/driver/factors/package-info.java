/** Factor files: reading what others and we wrote, and exporting for the engines that serve. */
@NullMarked
package org.longrope.driver.factors;

import org.jspecify.annotations.NullMarked;

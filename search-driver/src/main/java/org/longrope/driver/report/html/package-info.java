/** A search or a recipe as one page for people, with the files that it shows beside it. */
@NullMarked
package org.longrope.driver.report.html;

import org.jspecify.annotations.NullMarked;
